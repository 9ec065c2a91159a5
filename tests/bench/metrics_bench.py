#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metric points made durable end to end: one training appends them to $BESOM_METRICS as fast as it can, and the clock
stops when besom run has ended with all of them in its store."""

import json
import os
import statistics
import subprocess
import tempfile

from sweep_run import BESOM, SweepRun, grid, row

POINTS, TURNS = 1_000_000, 3


def line(i, keys):
    """As a training loop would log it; one of the keys is the objective."""
    point = {"step": i, "loss": round(1 / (i + 1) + 0.1234, 6)}
    for k in range(1, keys):
        point[("accuracy", "val/loss", "lr", "grad_norm")[k - 1]] = round((i * k % 9973) / 9973, 6)
    return json.dumps(point) + "\n"


def rate(lines):
    """Points and CPU seconds a point, of one run."""
    with SweepRun("", slots=1) as sweep:
        with open(sweep.spec, "w", encoding="utf-8") as f:
            f.write(grid(["/bin/sh", "-c", f'cat "{lines}" >>"$BESOM_METRICS"'], 1))
            f.write("metric: {name: loss, goal: minimize}\n")
        sweep.run()
        kept = subprocess.run(
            [BESOM, "trials", "--store", sweep.store, "--json"],
            capture_output=True, text=True, check=True,
        ).stdout
        if json.loads(kept)[0].get("step") != POINTS - 1:
            raise SystemExit(f"the last point is not in the store: {kept[:500]}")
        return POINTS / sweep.seconds, sweep.cpu_seconds / POINTS


def main():
    for keys in (1, 5):
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as lines:
            lines.writelines(line(i, keys) for i in range(POINTS))
            lines.flush()
            megabytes = os.path.getsize(lines.name) / 1e6
            turns = [rate(lines.name) for _ in range(TURNS)]
        value = statistics.median(turn[0] for turn in turns)
        cpu = statistics.median(turn[1] for turn in turns)
        row(
            f"points (lines) of {keys} metric{'s' if keys > 1 else ''} made durable",
            f"{value:.0f}",
            "1/s",
            f"floor 100000; CPU {1e6 * cpu:.1f} us each, {megabytes:.0f} MB, one trial, median of {TURNS}",
        )


if __name__ == "__main__":
    main()
