#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user of `besom run` waits for: trials a second beside HyperQueue, first launch, points, memory, size."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["BESOM_BUILD"]
BESOM = os.path.join(BUILD, "cli", "besom")
PEERS = os.environ.get("BESOM_BENCH_PEERS", "")
TRIALS, ROUNDS, POINTS = 2000, 3, 500_000
# Its worker with two cores, its own server and journal-less store, output of the tasks thrown away.
HYPERQUEUE = """
import sys, time
from hyperqueue import Job, LocalCluster
from hyperqueue.cluster import WorkerConfig
n = int(sys.argv[1])
with LocalCluster() as cluster:
    cluster.start_worker(WorkerConfig(cores=2))
    client = cluster.client()
    job = Job()
    for i in range(n):
        job.program(["/bin/true"], stdout=None, stderr=None)
    began = time.monotonic()
    client.wait_for_jobs([client.submit(job)])
    print("seconds", time.monotonic() - began)
"""


def row(what, value, unit, note=""):
    print(f"{what}\t{value}\t{unit}\t{note}", flush=True)


class Sweep:
    """A sweep of its own in a folder of its own."""

    def __init__(self, spec):
        self.folder = tempfile.mkdtemp(prefix="besom-bench-")
        self.path = os.path.join(self.folder, "sweep.yaml")
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(spec)

    def start(self):
        argv = [BESOM, "run", self.path, "--slots", "2", "--store", os.path.join(self.folder, "store")]
        with open(os.path.join(self.folder, "output"), "w", encoding="utf-8") as out:
            return subprocess.Popen(argv, cwd=self.folder, stdout=out, stderr=out)

    def run(self):
        """Seconds from the start of besom to its end."""
        began = time.monotonic()
        status = self.start().wait()
        seconds = time.monotonic() - began
        if status != 0:
            with open(os.path.join(self.folder, "output"), encoding="utf-8") as f:
                sys.exit(f"besom run: exit {status}\n{f.read()[-2000:]}")
        return seconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def grid(command, points):
    quoted = ", ".join(f"'{word}'" for word in command)
    values = f"{{min: 1, max: {points}}}" if points > 1 else "{value: 1}"
    return f"method: grid\ncommand: [{quoted}]\nparameters:\n  i: {values}\n"


def besom_rate():
    with Sweep(grid(["/bin/true"], TRIALS)) as sweep:
        return TRIALS / sweep.run()


def hyperqueue_rate():
    done = subprocess.run(
        [PEERS, "-c", HYPERQUEUE, str(TRIALS)], capture_output=True, text=True, check=True
    )
    seconds = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("seconds ")]
    return TRIALS / float(seconds[0])


def throughput():
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(besom_rate())
        if PEERS:
            theirs.append(hyperqueue_rate())
    how = f"/bin/true, 2 slots, {TRIALS} trials, median of {ROUNDS}"
    row("trials through besom run, start-up and durable ends included", f"{statistics.median(ours):.0f}", "1/s", how)
    if theirs:
        row("tasks through HyperQueue, start-up left out", f"{statistics.median(theirs):.0f}", "1/s", how)
    else:
        print("HyperQueue could not be installed: its row is left out")


def first_launch():
    times = []
    for _ in range(5):
        with Sweep(grid(["/bin/date", "+%s.%N"], 1)) as sweep:
            began = time.time()
            sweep.run()
            logs = subprocess.run(
                [BESOM, "logs", "--store", os.path.join(sweep.folder, "store"), "0"],
                capture_output=True, text=True, check=True,
            ).stdout
            times.append(1e3 * (float(logs.split()[0]) - began))
    row("start of besom run to first training", f"{statistics.median(times):.1f}", "ms", "floor 50, median of 5")


def durable_points():
    with Sweep(grid(["/bin/sh", "-c", 'cat points >>"$BESOM_METRICS"'], 1)) as sweep:
        with open(os.path.join(sweep.folder, "points"), "w", encoding="utf-8") as f:
            f.writelines(f'{{"step": {i}, "loss": {1 / (i + 1):.6f}}}\n' for i in range(POINTS))
        row("metric points made durable", f"{POINTS / sweep.run():.0f}", "1/s", "floor 100000, whole run of one trial")


def memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def idle_memory():
    with Sweep(grid(["/bin/sleep", "3"], 1)) as sweep:
        process = sweep.start()
        time.sleep(2)
        row("besom run while a trial trains, resident", f"{memory_kb(process.pid) / 1024:.1f}", "MB", "floor 16, aim 10")
        children = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True
        ).stdout.split()
        for child in children[:1]:
            row("its shim, resident", f"{memory_kb(child) / 1024:.1f}", "MB")
        process.wait()


def binary_size():
    for name, note in (("cli/besom", "floor 5, stripped"), ("cli/besom-shim", "stripped")):
        with tempfile.NamedTemporaryFile() as copy:
            subprocess.run(["strip", "-o", copy.name, os.path.join(BUILD, name)], check=True)
            size = os.path.getsize(copy.name)
        row(f"{os.path.basename(name)}, bytes on disk", f"{size / 1e6:.2f}", "MB", note)


if __name__ == "__main__":
    throughput()
    first_launch()
    durable_points()
    idle_memory()
    binary_size()
