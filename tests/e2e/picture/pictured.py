# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps to look at as numbers and pictures: every kind of parameter, trials that ended in every way."""
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "look"))
import facts  # noqa: E402

PARAMETERS = {
    "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1},
    "depth": {"min": 2, "max": 8},
    "optimizer": {"values": ["adamw", "sgd"]},
    "momentum": {"min": 0.5, "max": 0.99, "when": {"optimizer": "sgd"}},
    "batch": {"values": [64, 128, 256]},
    "noise": {"distribution": "normal", "mu": 0, "sigma": 1},
    "dropout": {"distribution": "q_uniform", "min": 0, "max": 0.5, "q": 0.1},
    "epochs": {"value": 30},
    "twice": {"expr": "2 * depth"},
}
SPEC = {"program": "train.py", "method": "random", "metric": {"name": "val_loss", "goal": "minimize"}, "parameters": PARAMETERS}
RUNGS = dict(SPEC, name="net", early_terminate={"type": "asha", "min_iter": 2, "eta": 2, "max_iter": 5})  # at 2 and 4
SWEEP = "dddd4444"


class Case(facts.Case):
    def sweep(self, trials, sweep=SWEEP, n=3, name="net", seed=1, spec=None, steps=6, few=False):
        """A sweep in a store of its own: of 20 trials each, one failed and four were stopped; the last one is running. with few, all but each fifth were
        stopped, half of them after four points."""
        f, draw = facts.Facts(), random.Random(seed)
        f.created(sweep, "/x/sweep.yaml", "/x", spec or dict(SPEC, name=name, run_cap=max(trials, 1)), total=trials)
        for trial in range(trials):
            lr, depth = 10 ** draw.uniform(-5, -1), draw.randint(2, 8)
            params = {"batch": draw.choice([64, 128, 256]), "depth": depth, "dropout": draw.randint(0, 5) * 0.1, "epochs": 30,
                      "lr": lr, "noise": draw.gauss(0, 1), "optimizer": draw.choice(["adamw", "sgd"]), "twice": 2 * depth}
            if params["optimizer"] == "sgd":
                params["momentum"] = draw.uniform(0.5, 0.99)
            loss = 0.2 + (math.log10(lr) + 3) ** 2 + 0.3 * (params["optimizer"] == "sgd") + draw.gauss(0, 0.01)
            f.add("proposed", sweep, trial=trial, cursor=trial + 1, known=0, params=params, why={})
            f.launched(sweep, trial)
            ends = {7: ("exit", "failed")}.get(trial % 20, ("stopper", "stopped") if (trial % 5 == 3) != few else ("ok", "finished"))
            n = steps if ends[1] == "finished" else 4 if few and trial % 2 else 2
            f.metrics(sweep, trial, [{"step": s, "val_loss": float("nan") if trial % 50 == 49 else loss + math.exp(-s),
                                      "acc": 1 - loss / 10} for s in range(n)])
            if trial < trials - 1 or trials == 1:
                f.ended(sweep, trial, *ends)
        self.make(f)
        return sweep

    def sweep_of_values(self, sweep, rows, parameters=PARAMETERS):
        """Trials that finished with these parameters and values, in a sweep without early termination."""
        f = facts.Facts()
        f.created(sweep, "/x/values.yaml", "/x", dict(SPEC, name="values", parameters=parameters), total=len(rows))
        for trial, (params, value) in enumerate(rows):
            f.add("proposed", sweep, trial=trial, cursor=trial + 1, known=0, params=params, why={})
            f.launched(sweep, trial)
            f.metrics(sweep, trial, [{"step": 0, "val_loss": value}])
            f.ended(sweep, trial, "ok", "finished")
        self.make(f)

    def at_iteration(self, sweep, iteration):
        """Parameters and value of each trial that has so many finite values of the metric: that one."""
        values = {}
        for line in self.besom("export", sweep, "--metrics", "--jsonl", "--store", self.store).splitlines():
            point = json.loads(line)
            if isinstance(point["metrics"].get("val_loss"), float):
                values.setdefault(point["number"], []).append(point["metrics"]["val_loss"])
        return [(trial["params"], values[trial["number"]][iteration - 1]) for trial in self.json("trials", sweep, "--sort", "number", "--store", self.store)
                if len(values.get(trial["number"], [])) >= iteration]
