# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores for the page: `fixture.py DIR N` makes one with a sweep `big` of N trials of 12 parameters, 30 % of them
stopped, 5 % failed and 1 % with NaN; a sweep of hostile texts; and one that has just begun."""
import math
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e" / "look"))
import facts  # noqa: E402

BIG, HOSTILE, EMPTY, FAILED = "bigbig01", "xssxss02", "empty003", "failed04"
HOSTILE_TEXTS = ["<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "\"><svg onload=window.hit=1>",
                 "javascript:window.hit=1", "{{constructor.constructor('window.hit=1')()}}", "\u202egnp.exe",
                 "' onmouseover='window.hit=1", "<iframe srcdoc='<script>parent.hit=1</script>'>"]
SPEC = {
    "name": "cifar-resnet", "program": "train.py", "method": "tpe",
    "metric": {"name": "val_loss", "goal": "minimize"},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1},
        "weight_decay": {"distribution": "log_uniform_values", "min": 1e-6, "max": 0.1},
        "depth": {"distribution": "int_uniform", "min": 2, "max": 8},
        "optimizer": {"values": ["adamw", "sgd", "lion"]},
        "batch": {"values": [64, 128, 256, 512]},
        "dropout": {"min": 0.0, "max": 0.6},
        "warmup": {"distribution": "int_uniform", "min": 0, "max": 2000},
        "momentum": {"min": 0.5, "max": 0.99},
        "schedule": {"values": ["cosine", "linear", "constant"]},
        "augment": {"values": [True, False]},
        "label_smoothing": {"min": 0.0, "max": 0.2},
        "seed": {"values": [1, 2, 3]},
    },
}


class Made(facts.Facts):
    """Time passes as it would on eight slots."""

    def __init__(self, dice):
        super().__init__()
        self.dice = dice

    def trial(self, sweep, number, params, losses, end):
        self.add("proposed", sweep, trial=number, cursor=number + 1, known=0, params=params, why={})
        self.add("launched", sweep, trial=number, attempt=1, agent="gpu-%02d" % (number % 4), slot=number % 2)
        self.metrics(sweep, number, [{"step": i, "val_loss": x, "acc": 1 / (1 + x)} for i, x in enumerate(losses)])
        self.now += self.dice.randrange(5000, 20000)
        if end:
            reason, state, text = end
            self.ended(sweep, number, reason, state, code=1 if state == "failed" else 0, text=text)


def big(f, n, dice, running=4, workdir="/data", **changed):
    f.created(BIG, workdir + "/sweep.yaml", workdir, spec=dict(SPEC, **changed), total=n + n // 2)
    for number in range(n):
        lr, depth = 10 ** dice.uniform(-5, -1), dice.randrange(2, 9)
        params = {
            "lr": float("%.4g" % lr), "weight_decay": float("%.4g" % 10 ** dice.uniform(-6, -1)), "depth": depth,
            "optimizer": dice.choice(["adamw", "sgd", "lion"]), "batch": dice.choice([64, 128, 256, 512]),
            "dropout": round(dice.uniform(0, 0.6), 4), "warmup": dice.randrange(0, 2001),
            "momentum": round(dice.uniform(0.5, 0.99), 4), "schedule": dice.choice(["cosine", "linear", "constant"]),
            "augment": dice.random() < 0.5, "label_smoothing": round(dice.uniform(0, 0.2), 4), "seed": dice.choice([1, 2, 3])}
        goal = 0.2 + 0.12 * (math.log10(lr) + 3) ** 2 + 0.03 * abs(depth - 5) + dice.uniform(0, 0.15)
        goal += 0.1 if params["optimizer"] == "sgd" else 0
        steps = 12
        losses = [round(goal + (2.3 - goal) * math.exp(-i / 3) + dice.uniform(-0.02, 0.02), 5) for i in range(steps)]
        chance = dice.random()
        if number >= n - running:
            f.trial(BIG, number, params, losses[:dice.randrange(2, 8)], None)
        elif chance < 0.05:
            f.trial(BIG, number, params, losses[:3], ("oom" if params["batch"] == 512 else "exit", "failed",
                                                      "torch.OutOfMemoryError: CUDA out of memory"))
        elif chance < 0.06:
            f.trial(BIG, number, params, losses[:5] + [float("nan")], ("ok", "finished", None))
        elif chance < 0.36:
            f.trial(BIG, number, params, losses[:4], ("stopper", "stopped", None))
        else:
            f.trial(BIG, number, params, losses, ("ok", "finished", None))


def hostile(f):
    spec = {"name": HOSTILE_TEXTS[0], "program": "t.py", "method": "grid", "metric": {"name": HOSTILE_TEXTS[1], "goal": "maximize"},
            "parameters": {HOSTILE_TEXTS[2]: {"values": HOSTILE_TEXTS}, "n": {"values": [1, 2]}}}
    f.created(HOSTILE, "/data/x.yaml", "/data", spec=spec, total=len(HOSTILE_TEXTS))
    for number, text in enumerate(HOSTILE_TEXTS):
        f.add("proposed", HOSTILE, trial=number, cursor=number + 1, known=0, params={HOSTILE_TEXTS[2]: text, "n": number % 2 + 1}, why={})
        f.add("launched", HOSTILE, trial=number, attempt=1, agent=text[:60], slot=0)
        f.metrics(HOSTILE, number, [{"step": 0, HOSTILE_TEXTS[1]: [1.0, 1e20, float("inf"), -0.5, 5e-324, float("nan"), 2.0, 3.0][number]}])
        f.ended(HOSTILE, number, "exit" if number == 6 else "ok", "failed" if number == 6 else "finished", text=text)


def failed(f):
    """Every trial fails, and has a whole number that a browser rounds: four for want of memory, on both hosts, and two by a signal."""
    parameters = dict(SPEC["parameters"], salt={"distribution": "int_uniform", "min": 0, "max": 2 ** 60})
    f.created(FAILED, "/data/failed.yaml", "/data", spec=dict(SPEC, name="all-failed", method="random", parameters=parameters), total=6)
    for number in range(6):
        f.add("proposed", FAILED, trial=number, cursor=number + 1, known=0, params={"lr": 0.01 * (number + 1), "depth": 3, "salt": 2 ** 53 + number},
              why={})
        f.add("launched", FAILED, trial=number, attempt=1, agent="gpu-%02d" % (number % 2), slot=0)
        f.now += 4000
        f.ended(FAILED, number, "signal" if number > 3 else "oom", "failed", signal=11 if number > 3 else 0,
                text=None if number > 3 else "out of memory: its largest process had %d GiB of 32 GiB" % (31 - number))


def begun(n):
    """Facts of a time from which n trials take until now."""
    f = Made(random.Random(7))
    f.now = int(time.time() * 1000) - n * 16600 - 120000
    return f


def make(folder, n):
    f = begun(n)
    hostile(f)
    failed(f)
    f.created(EMPTY, "/data/new.yaml", "/data", spec=dict(SPEC, name="new"), total=20)
    big(f, n, f.dice)
    store(folder, f)


def store(folder, f):
    subprocess.run([os.environ["STORE_OF_FACTS"], str(folder)], input="\n".join(f.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    make(sys.argv[1], int(sys.argv[2]))
