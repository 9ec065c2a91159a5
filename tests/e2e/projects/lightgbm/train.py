# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradient boosting with LightGBM, which prints its metric each round."""
import argparse

import lightgbm
import numpy

parser = argparse.ArgumentParser()
parser.add_argument("--num_leaves", type=int, default=31)
parser.add_argument("--learning_rate", type=float, default=0.1)
parser.add_argument("--rounds", type=int, default=20)
args = parser.parse_args()

draw = numpy.random.default_rng(3)
x = draw.normal(size=(600, 5))
y = numpy.sin(x[:, 0]) + x[:, 1] * x[:, 2] + draw.normal(scale=0.1, size=600)
train = lightgbm.Dataset(x[:400], y[:400])
valid = lightgbm.Dataset(x[400:], y[400:], reference=train)
params = {"objective": "regression", "metric": "l2", "num_leaves": args.num_leaves, "learning_rate": args.learning_rate,
          "num_threads": 1, "deterministic": True, "seed": 1}
lightgbm.train(params, train, num_boost_round=args.rounds, valid_sets=[valid], valid_names=["valid"],
               callbacks=[lightgbm.log_evaluation(1)])
