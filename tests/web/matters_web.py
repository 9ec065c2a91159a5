#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""matters_web.py [TRIALS]: matters_test.mjs against a store with the sweep `big` of so many trials (200), as many of two
objectives, 300 of three, ten of one, 80 most of which were stopped early, 24 noisy ones, and hostile texts; what the commands say of them is in cli.json."""
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import BESOM, checked, missing  # noqa: E402

GOALS = [{"name": "latency", "goal": "minimize"}, {"name": "acc", "goal": "maximize"}, {"name": "memory", "goal": "minimize"}]
PARAMETERS = {"width": {"distribution": "log_uniform_values", "min": 8, "max": 1024}, "depth": {"min": 1, "max": 12},
              "momentum": {"min": 0.5, "max": 0.99, "when": {"kind": "sgd"}}, "kind": {"values": ["sgd", "adam"]}}


def several(f, sweep, goals, n, dice):
    """Trials of several objectives: some failed, were stopped, or lack a value."""
    f.created(sweep, "/data/%s.yaml" % sweep, "/data", total=n, spec={
        "name": sweep, "program": "t.py", "method": "random", "metrics": goals, "parameters": PARAMETERS})
    for number in range(n):
        width, depth, kind = 8 * 128 ** dice.random(), dice.randint(1, 12), dice.choice(["sgd", "adam"])
        params = {"width": float("%.4g" % width), "depth": depth, "kind": kind}
        if kind == "sgd":
            params["momentum"] = round(dice.uniform(0.5, 0.99), 4)
        values = {"latency": 1 + width / 100 * depth * dice.uniform(0.8, 1.2), "acc": 1 - 1 / (1 + width * depth / 50) - dice.uniform(0, 0.2),
                  "memory": width * depth ** 0.5 * dice.uniform(0.9, 1.1)}
        point = {goal["name"]: round(values[goal["name"]], 6) for goal in goals if number % 29 or goal["name"] == "latency"}
        f.add("proposed", sweep, trial=number, cursor=number + 1, known=0, params=params, why={})
        f.add("launched", sweep, trial=number, attempt=1, agent="gpu-%02d" % (number % 4), slot=number % 2)
        f.metrics(sweep, number, [dict(point, step=0)])
        f.now += 1000
        if number % 23 == 22:
            f.ended(sweep, number, "exit", "failed", code=1)
        elif number % 17 == 16:
            f.ended(sweep, number, "stopper", "stopped")
        else:
            f.ended(sweep, number, "ok", "finished")


def stopped_early(f, dice):
    """One of eight finished; all were compared at the second iteration."""
    f.created("rungs080", "/data/rungs.yaml", "/data", total=80, spec={
        "name": "stopped-early", "program": "t.py", "method": "random", "metric": {"name": "val_loss", "goal": "minimize"},
        "early_terminate": {"type": "asha", "min_iter": 2, "eta": 2, "max_iter": 5},
        "parameters": {"lr": PARAMETERS["width"], "depth": PARAMETERS["depth"], "kind": PARAMETERS["kind"]}})
    for number in range(80):
        lr, kind = 8 * 128 ** dice.random(), dice.choice(["sgd", "adam"])
        loss = (math.log(lr / 90)) ** 2 / 9 + (kind == "sgd") + dice.uniform(0, 0.2)
        f.trial("rungs080", number, {"lr": float("%.4g" % lr), "depth": dice.randint(1, 12), "kind": kind},
                [round(loss + 3 / (i + 1), 5) for i in range(2 if number % 8 else 5)],
                ("stopper", "stopped", None) if number % 8 else ("ok", "finished", None))


def noisy(f):
    """Its best result is luck, as its neighbours tell; one has no number."""
    f.created("noisy024", "/data/noisy.yaml", "/data", total=25, spec={
        "name": "noisy", "program": "t.py", "method": "random", "metric": {"name": "val_loss", "goal": "minimize"},
        "parameters": {"lr": {"min": 0.0, "max": 1.0}}})
    for number in range(25):
        lr = 0.02 + number / 25
        loss = -0.2 if number == 20 else 4 * (lr - 0.3) ** 2 + ((number * 7919) % 13 - 6) / 60
        f.trial("noisy024", number, {"lr": lr}, [float("nan") if number == 24 else loss], ("ok", "finished", None))

def suspect(f):
    """Trials with one value failed."""
    f.created("suspect0", "/data/suspect.yaml", "/data", total=14, spec={
        "name": "suspect", "program": "t.py", "method": "random", "metric": {"name": "val_loss", "goal": "minimize"},
        "parameters": {"batch": {"values": [64, 512]}}})
    for number in range(14):
        big = number % 2 == 1
        f.trial("suspect0", number, {"batch": 512 if big else 64}, [] if big else [1 + number / 10],
                ("oom", "failed", "out of memory") if big else ("ok", "finished", None))


def make(store, n):
    dice = random.Random(7)
    f = fixture.Made(dice)
    f.now = int(time.time() * 1000) - n * 20000
    several(f, "pareto02", GOALS[:2], n, dice)
    several(f, "pareto03", GOALS, 300, dice)
    f.created("few00010", "/data/few.yaml", "/data", spec=dict(fixture.SPEC, name="few"), total=20)
    for number in range(10):
        params = {"lr": 1e-3 * (number + 1), "depth": 2 + number % 3}
        f.trial("few00010", number, params, [1.0, 0.5 + number / 10], ("ok", "finished", None))
    stopped_early(f, dice)
    noisy(f)
    suspect(f)
    fixture.hostile(f)
    fixture.big(f, n, dice)
    subprocess.run([os.environ["STORE_OF_FACTS"], str(store)], input="\n".join(f.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def said(store, *words):
    return json.loads(subprocess.run([BESOM, *words, "--json", "--store", str(store)], check=True, stdout=subprocess.PIPE).stdout)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        store = pathlib.Path(folder) / "store"
        make(store, trials)
        told = {"importance": said(store, "importance", fixture.BIG), "ped": said(store, "importance", fixture.BIG, "--method", "ped-anova"),
                "correlation": said(store, "importance", fixture.BIG, "--method", "correlation"),
                "acc": said(store, "importance", fixture.BIG, "--metric", "acc", "--goal", "maximize"),
                "rungs": said(store, "importance", "rungs080"), "pareto02": said(store, "best", "pareto02"), "pareto03": said(store, "best", "pareto03"),
                "noisy": said(store, "best", "noisy024"), "again": said(store, "best", "suspect0")}
        (pathlib.Path(folder) / "cli.json").write_text(json.dumps(told))
        return checked(pathlib.Path(folder), "matters", trials)


if __name__ == "__main__":
    sys.exit(main())
