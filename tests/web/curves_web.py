#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""curves_web.py [POINTS]: curves_test.mjs against a store with a trial of so many points (20,000) in which one is a spike, a sweep
with rungs, a retry, a failure and NaN, and a sweep of 220 trials."""
import math
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import checked, missing  # noqa: E402

LONG, RUNGS, MANY = "curvec01", "rungsr02", "manymm03"
SPEC = {"name": "curves", "program": "t.py", "method": "random", "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {"lr": {"min": 0.0, "max": 1.0}, "opt": {"values": ["adamw", "sgd"]}}}
RUNG_SPEC = dict(SPEC, name="rungs", early_terminate={"type": "asha", "max_iter": 12})


def begun(f, sweep, number, params=None):
    f.add("proposed", sweep, trial=number, cursor=number + 1, known=0, params=params or {"lr": number / 300, "opt": ["adamw", "sgd"][number % 2]}, why={})
    f.launched(sweep, number)


def make(folder, points):
    dice = random.Random(5)
    f = fixture.Made(dice)
    f.created(LONG, "/d/long.yaml", "/d", spec=SPEC, total=1)
    begun(f, LONG, 0)
    value, batch = 1.0, []
    for i in range(points):
        value = 1 + (value - 1) * 0.999 + dice.uniform(-0.01, 0.01)
        batch.append({"step": i, "loss": 50 if i == points // 3 else float("nan") if points // 2 <= i < points // 2 + 3 else value,
                      "epoch": i / 100})
        if len(batch) == 2000 or i + 1 == points:
            f.metrics(LONG, 0, batch)
            batch = []
    f.ended(LONG, 0, "ok", "finished")

    f.created(RUNGS, "/d/rungs.yaml", "/d", spec=RUNG_SPEC, total=8)
    curve = lambda n, steps, first=0: [{"step": i, "loss": 2 * math.exp(-i / 6) + n / 10 + dice.uniform(0, 0.01), "acc": i / 12} for i in range(first, steps)]
    for number in range(6):
        begun(f, RUNGS, number)
        stopped = number in (3, 4)
        f.metrics(RUNGS, number, curve(number, 4 if stopped else 6 if number == 5 else 12))
        if stopped:
            f.ended(RUNGS, number, "stopper", "stopped")
        elif number == 5:
            f.ended(RUNGS, number, "exit", "failed", code=1)
        else:
            f.ended(RUNGS, number, "ok", "finished")
    begun(f, RUNGS, 6)  # its second attempt goes on from step 4
    f.metrics(RUNGS, 6, curve(6, 6))
    f.ended(RUNGS, 6, "host", "pending")
    f.launched(RUNGS, 6, 2)
    f.metrics(RUNGS, 6, curve(6, 12, 4), attempt=2)
    f.ended(RUNGS, 6, "ok", "finished", attempt=2)
    begun(f, RUNGS, 7)
    f.metrics(RUNGS, 7, [{"step": i * i, "loss": math.sin(i / 40) + dice.uniform(0, 0.5)} for i in range(4000)])
    f.ended(RUNGS, 7, "ok", "finished")

    f.created(MANY, "/d/many.yaml", "/d", spec=dict(SPEC, name="many"), total=220)
    for number in range(220):
        begun(f, MANY, number)
        f.metrics(MANY, number, [{"step": i, "loss": number + i} for i in range(3)])
        f.ended(MANY, number, "ok", "finished")
    subprocess.run([fixture.os.environ["STORE_OF_FACTS"], str(folder)], input="\n".join(f.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        make(pathlib.Path(folder) / "store", points)
        return checked(pathlib.Path(folder), "curves", points)


if __name__ == "__main__":
    sys.exit(main())
