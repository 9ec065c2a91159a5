# SPDX-License-Identifier: GPL-3.0-or-later
"""A small net on scikit-learn's digits, trained an epoch at a time."""
import argparse
import json
import os

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--layers", type=int, nargs="+", default=[32])
    parser.add_argument("--no-shuffle", action="store_true")
    parser.add_argument("--epochs", type=int, default=5)
    args = parser.parse_args()

    x, y = load_digits(n_class=4, return_X_y=True)
    x, x_val, y, y_val = train_test_split(x / 16, y, test_size=0.3, random_state=0, shuffle=not args.no_shuffle)
    net = MLPClassifier(args.layers, learning_rate_init=args.lr, random_state=0)
    for epoch in range(args.epochs):
        net.partial_fit(x, y, classes=[0, 1, 2, 3])
        metrics = {"step": epoch, "loss": net.loss_, "val": {"accuracy": net.score(x_val, y_val)}}
        print(json.dumps(metrics))
        if "BESOM_METRICS" in os.environ:
            with open(os.environ["BESOM_METRICS"], "a") as out:
                out.write(json.dumps(metrics) + "\n")


main()
