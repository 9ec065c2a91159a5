#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""wide_web.py: wide_test.mjs against a store whose sweep has 200 parameters, two constants and a seed; each of 12
configurations runs with four seeds."""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import checked, missing  # noqa: E402

SWEEP, WIDTH, CONFIGURATIONS, SEEDS = "wide0001", 200, 12, 4
NAMES = ["p%03d" % i for i in range(WIDTH)]
SPEC = {"name": "wide", "program": "t.py", "method": "random", "metric": {"name": "val_loss", "goal": "minimize"},
        "parameters": {**{name: {"min": 0.0, "max": 1.0} for name in NAMES}, "epochs": {"value": 3}, "data": {"value": "cifar"},
                       "seed": {"values": list(range(SEEDS))}}}


def make(folder):
    dice = random.Random(11)
    f = fixture.Made(dice)
    f.created(SWEEP, "/d/wide.yaml", "/d", spec=SPEC, total=CONFIGURATIONS * SEEDS)
    for number in range(CONFIGURATIONS * SEEDS):
        if number % SEEDS == 0:
            params = {name: round(dice.random(), 4) for name in NAMES}
        loss = params["p007"] + dice.uniform(0, 0.1)
        end = ("exit", "failed", "it failed") if number % 11 == 10 else ("ok", "finished", None)
        f.trial(SWEEP, number, {**params, "epochs": 3, "data": "cifar", "seed": number % SEEDS},
                [round(loss, 5) if number % 13 else float("nan")], end)
    subprocess.run([os.environ["STORE_OF_FACTS"], str(folder)], input="\n".join(f.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        make(pathlib.Path(folder) / "store")
        return checked(pathlib.Path(folder), "wide", CONFIGURATIONS * SEEDS)


if __name__ == "__main__":
    sys.exit(main())
