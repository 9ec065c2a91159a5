#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""suggest_peer.py PEER N ROUNDS: how long a peer takes for one proposal after N results, as suggest_run.c measures it for
besom: ten parameters, a smooth function, CPU time, one thread. Prints one line of JSON; peers: optuna_tpe, optuna_gp, wandb,
rustuna_tpe."""
import json
import math
import os
import random
import sys
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")
NAMES = [f"x{j}" for j in range(10)]


def loss(params):
    return sum((params[n] - 0.3 * j) ** 2 * (1 + j) + math.cos(3 * params[n]) for j, n in enumerate(NAMES))


class Optuna:
    def __init__(self, which):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = {"tpe": optuna.samplers.TPESampler, "gp": optuna.samplers.GPSampler}[which](seed=1)
        self.optuna, self.study = optuna, optuna.create_study(sampler=sampler)
        self.space = {n: optuna.distributions.FloatDistribution(-5, 5) for n in NAMES}

    def load(self, points):
        trial = self.optuna.trial.create_trial
        self.study.add_trials([trial(params=p, distributions=self.space, value=loss(p)) for p in points])

    def ask(self):
        self.trial = self.study.ask(self.space)
        return self.trial.params

    def tell(self, value):
        self.study.tell(self.trial, value)


class Rustuna:
    def __init__(self):
        import rustuna
        self.rustuna = rustuna
        self.study = rustuna.create_study(sampler=rustuna.samplers.TPESampler(seed=1))
        self.space = {n: rustuna.distributions.FloatDistribution(-5, 5) for n in NAMES}

    def load(self, points):
        for p in points:
            self.study.add_trial(self.rustuna.create_trial(params=p, distributions=self.space, value=loss(p)))

    def ask(self):
        self.trial = self.study.ask()
        return {n: self.trial.suggest_float(n, -5, 5) for n in NAMES}

    def tell(self, value):
        self.study.tell(self.trial.number, value)


class Wandb:
    def __init__(self):
        import numpy
        import sweeps
        from sweeps.run import RunState, SweepRun
        numpy.random.seed(1)
        self.sweeps, self.state, self.run, self.runs = sweeps, RunState, SweepRun, []
        self.spec = {"method": "bayes", "metric": {"name": "loss", "goal": "minimize"},
                     "parameters": {n: {"min": -5.0, "max": 5.0} for n in NAMES}}

    def load(self, points):
        for p in points:
            self.runs.append(self.run(config={n: {"value": p[n]} for n in NAMES}, state=self.state.finished,
                                      summaryMetrics={"loss": loss(p)}, history=[{"loss": loss(p)}]))

    def ask(self):
        run = self.sweeps.next_run(self.spec, self.runs)
        self.runs.append(run)
        return {n: v["value"] for n, v in run.config.items()}

    def tell(self, value):
        self.runs[-1].state = self.state.finished
        self.runs[-1].summary_metrics = {"loss": value}
        self.runs[-1].history = [{"loss": value}]


def main():
    name, n, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    peer = {"optuna_tpe": lambda: Optuna("tpe"), "optuna_gp": lambda: Optuna("gp"), "wandb": Wandb,
            "rustuna_tpe": Rustuna}[name]()
    draw = random.Random(1)
    peer.load([{p: draw.uniform(-5, 5) for p in NAMES} for _ in range(n)])
    took = []
    for _ in range(rounds + 1):  # the first imports and compiles what it needs
        start = time.process_time()
        params = peer.ask()
        took.append(1e3 * (time.process_time() - start))
        peer.tell(loss(params))
    took = sorted(took[1:])
    print(json.dumps({"method": name, "n": n, "cold": [round(took[len(took) // 2], 3), round(took[-1], 3)]}))


if __name__ == "__main__":
    main()
