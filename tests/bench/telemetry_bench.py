#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the samples of eight trials cost: the processor time of `besom run`, agent and controller, while they are taken
every 0.1 s, less the time without samples, for each round of eight."""

import os
import subprocess
import tempfile
import time

from sweep_run import row

TRIALS, PERIOD_S, MEASURED_S = 8, 0.1, 10
SPEC = """method: grid
command: [sleep, "60"]
parameters: {x: {min: 1, max: %d}}
""" % TRIALS


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(period_ms):
    with tempfile.TemporaryDirectory() as folder:
        spec = os.path.join(folder, "sweep.yaml")
        with open(spec, "w", encoding="ascii") as f:
            f.write(SPEC)
        env = dict(os.environ, BESOM_SAMPLE_PERIOD_MS=str(period_ms), BESOM_NVML="")
        run = subprocess.Popen(["besom", "run", spec, "--store", os.path.join(folder, "s"), "--slots", str(TRIALS)],
                               env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(3)
        before = cpu_s(run.pid)
        time.sleep(MEASURED_S)
        used = cpu_s(run.pid) - before
        run.terminate()
        run.wait()
        return used


def main():
    idle = measure(10 ** 9)
    rounds = MEASURED_S / PERIOD_S
    each_ms = (measure(int(PERIOD_S * 1000)) - idle) / rounds * 1000
    processes = sum(name.isdigit() for name in os.listdir("/proc"))
    row("samples of 8 trials: CPU of the agent and the controller, each round", f"{each_ms:.2f}", "ms",
        f"{processes} processes on the host; without samples {idle / MEASURED_S * 100:.1f} % of a processor")
    row("the same, a round every 10 s", f"{each_ms / 100:.3f}", "% of a processor")


if __name__ == "__main__":
    main()
