#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trials that do nothing, by the second: the whole of `besom run` beside HyperQueue and beside posix_spawn and wait
alone, in turns, so that whatever else the machine does meets all of them. CPU time, of every process, tells them apart
where the clock cannot."""

import os
import resource
import statistics
import subprocess
import time

from sweep_run import SweepRun, grid, row

PEERS = os.environ.get("BESOM_BENCH_PEERS", "")
TRIALS, TURNS = 1000, 5
HYPERQUEUE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hyperqueue_run.py")


def besom():
    with SweepRun(grid(["/bin/true"], TRIALS), slots=2) as sweep:
        sweep.run()
        return sweep.seconds / TRIALS, sweep.cpu_seconds / TRIALS


def hyperqueue():
    done = subprocess.run(
        [PEERS, HYPERQUEUE, str(TRIALS)], capture_output=True, text=True, check=True
    )
    took = next(line.split() for line in done.stdout.splitlines() if line.startswith("took "))
    return float(took[1]) / TRIALS, float(took[2]) / TRIALS


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def spawn_alone():
    began, cpu = time.monotonic(), children_cpu()
    for _ in range(TRIALS):
        os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], os.environ), 0)
    return (time.monotonic() - began) / TRIALS, (children_cpu() - cpu) / TRIALS


def median_of(turns, at):
    return statistics.median(turn[at] for turn in turns)


def say(what, turns, note):
    row(what, f"{1 / median_of(turns, 0):.0f}", "1/s", f"CPU {1e3 * median_of(turns, 1):.2f} ms each; {note}")


def ratios(ours, theirs, at):
    """By turns: what the machine did between two turns is in neither."""
    each = sorted(b[at] / a[at] for a, b in zip(ours, theirs))
    return f"{statistics.median(each):.2f}", f"{each[0]:.2f} to {each[-1]:.2f} over {len(each)} turns"


def main():
    contenders = [besom, hyperqueue, spawn_alone] if PEERS else [besom, spawn_alone]
    turns = {contender: [] for contender in contenders}
    for _ in range(TURNS):
        for contender in contenders:
            turns[contender].append(contender())
    how = f"median of {TURNS} turns of {TRIALS}"
    say("trials of /bin/true through besom run, 2 slots", turns[besom], f"from its start to its end, {how}")
    if PEERS:
        say("tasks of /bin/true through HyperQueue, 2 cores", turns[hyperqueue], "its start and end left out")
        value, note = ratios(turns[besom], turns[hyperqueue], 0)
        row("besom's rate / HyperQueue's", value, "", f"floor 1; {note}")
        value, note = ratios(turns[besom], turns[hyperqueue], 1)
        row("HyperQueue's CPU time / besom's", value, "", note)
    else:
        print("HyperQueue could not be installed: its rows are left out")
    say("/bin/true by posix_spawn and wait, one at a time", turns[spawn_alone], "nothing kept")


if __name__ == "__main__":
    main()
