#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What besom costs before and while a trial trains: the time to its first launch, memory, and what is installed."""

import os
import signal
import statistics
import subprocess
import tempfile
import time

from sweep_run import BESOM, BUILD, SHIM, SweepRun, grid, row

STARTS, SETTLE_S = 21, 2
WRITE_CLOCK = os.path.join(BUILD, "tests", "bench", "write_clock")


def first_launch():
    """From the spawn of `besom run`, which makes its store first, to the first line of the training's main()."""
    times = []
    for _ in range(STARTS):
        with SweepRun("", slots=1) as sweep:
            with open(sweep.spec, "w", encoding="utf-8") as f:
                f.write(grid([WRITE_CLOCK, sweep.path("clock")], 1))
            began = sweep.start()
            sweep.finish()
            with open(sweep.path("clock"), encoding="ascii") as f:
                times.append(1e3 * (float(f.read()) - began))
    note = f"floor 50; a new store, median of {STARTS}, {min(times):.1f} to {max(times):.1f}"
    row("besom run, from its start to its first training", f"{statistics.median(times):.1f}", "ms", note)


def memory(pid):
    """(RSS, PSS) in MB; PSS shares out the pages of libraries that other processes use too."""
    kib = {}
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        for line in f:
            words = line.split()
            if words[0] in ("Rss:", "Pss:"):
                kib[words[0]] = int(words[1])
    return kib["Rss:"] * 1024 / 1e6, kib["Pss:"] * 1024 / 1e6


def child_of(pid):
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as f:
                    if f.read().rsplit(")", 1)[1].split()[1] == str(pid):
                        return int(name)
            except FileNotFoundError:
                pass
    raise SystemExit("besom run has no shim")


def idle_memory():
    with SweepRun(grid(["/bin/sleep", "600"], 1), slots=1) as sweep:
        sweep.start()
        time.sleep(SETTLE_S)
        rss, pss = memory(sweep.pid)
        shim_rss, shim_pss = memory(child_of(sweep.pid))
        os.kill(sweep.pid, signal.SIGINT)
        sweep.finish(wanted=128 + signal.SIGINT)
    row("besom run while a trial trains, resident", f"{rss:.1f}", "MB", f"floor 16, aim 10; PSS {pss:.1f}")
    row("its shim, resident", f"{shim_rss:.2f}", "MB", f"PSS {shim_pss:.2f}")


def size(path, note):
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, path], check=True)
        row(f"{os.path.basename(path)}, stripped", f"{os.path.getsize(copy.name) / 1e6:.2f}", "MB", note)


if __name__ == "__main__":
    first_launch()
    idle_memory()
    size(BESOM, "floor 5")
    size(SHIM, "")
