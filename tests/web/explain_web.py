#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""explain_web.py: explain_test.mjs against a controller whose store has a sweep with rungs, a model that proposes,
failures, an edit and actions of somebody; and the sweep of hostile texts."""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fixture  # noqa: E402
from serving import checked, missing  # noqa: E402

SWEEP, TRIALS = "rungs001", 300
SPEC = dict(fixture.SPEC, name="rungs", early_terminate={"type": "asha", "eta": 3, "min_iter": 4})

NAN = {"stopper": "asha", "rung": None, "value": "NaN", "threshold": None, "rank": None, "of": None, "last_step": 3}
LOST = "lost0001"


def lost(f):
    """W&B's rule does not stop the one that stays NaN."""
    f.created(LOST, "/data/lost.yaml", "/data", total=9, spec=dict(fixture.SPEC, early_terminate={"type": "hyperband", "min_iter": 4}))
    for n, value in enumerate((0.5, "NaN")):
        f.add("proposed", LOST, trial=n, cursor=n + 1, known=0, params={"lr": 0.1}, why={})
        f.add("launched", LOST, trial=n, attempt=1, agent="gpu-01", slot=n)
        f.metrics(LOST, n, [{"step": i, "val_loss": value} for i in range(4)])


def make(folder):
    f = fixture.Made(random.Random(3))
    f.now -= TRIALS * 16000
    fixture.hostile(f)
    f.created(SWEEP, "/data/sweep.yaml", "/data", spec=SPEC, total=TRIALS)
    for n in range(TRIALS):
        why = {"strategy": "tpe", "phase": "model", "results": n, "pending": 0, "good": 2, "bad": 3, "log_ratio": 0.6931,
               "nearest": [0, 1, 2]} if n > 10 else {"strategy": "tpe", "phase": "random", "reason": "too few results"}
        f.add("proposed", SWEEP, trial=n, cursor=n + 1, known=0, params={"lr": 0.001 * (n + 1)}, why=why)
        f.add("launched", SWEEP, trial=n, attempt=1, agent="gpu-01", slot=0)
        f.metrics(SWEEP, n, [{"step": i, "val_loss": 1 + n / 1000} for i in range(4)])
        if n % 10 == 3:
            f.add("stopping", SWEEP, trial=n, attempt=1, reason="stopper",
                  why=NAN if n == TRIALS - 7 else
                  {"stopper": "asha", "rung": 4, "value": 1 + n / 1000, "threshold": 1.001, "rank": n, "of": n + 1})
            f.ended(SWEEP, n, "stopper", "stopped")
        elif n % 10 == 7:
            f.ended(SWEEP, n, "oom", "failed", code=1, text="CUDA out of memory")
        else:
            f.ended(SWEEP, n, "ok", "finished")
    lost(f)
    f.add("sweep_state", SWEEP, state="paused", reason="user")
    at = f.now
    f.add("action", "", by="local user ann", what="pause", subject=SWEEP, result="ok", **{"from": "this host"})
    f.lines[-1] = f.lines[-1].replace('"time": %d' % f.now, '"time": %d' % at)  # in the same step
    subprocess.run([os.environ["STORE_OF_FACTS"], str(folder)], input="\n".join(f.lines) + "\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)


def main():
    why = missing()
    if why:
        print("SKIPPED: " + why)
        return 77
    with tempfile.TemporaryDirectory(prefix="besom-web.") as folder:
        make(pathlib.Path(folder) / "store")
        return checked(pathlib.Path(folder), "explain", TRIALS)


if __name__ == "__main__":
    sys.exit(main())
