#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slot's share of the processors gains: trainings that compute with OpenMP, as many at once as there are
processors, with the share that besom gives by itself and with a thread for every processor each."""

import os
import statistics
import subprocess

from sweep_run import SweepRun, row

TURNS, TRIALS = 3, 8
TRAINING = """
#include <math.h>
int main(void)
{
    enum { N = 20000, STEPS = 2000 };
    static double x[N];
    for (int step = 0; step < STEPS; step++) {
        #pragma omp parallel for
        for (int i = 0; i < N; i++)
            x[i] = 0.5 * x[i] + sqrt(i + step);
    }
    return x[N / 2] < 0;
}
"""


def spec(sweep, env):
    source, program = sweep.path("train.c"), sweep.path("train")
    with open(source, "w", encoding="ascii") as f:
        f.write(TRAINING)
    subprocess.run(["cc", "-O2", "-fopenmp", source, "-o", program, "-lm"], check=True)
    with open(sweep.spec, "w", encoding="utf-8") as f:
        f.write(f"method: grid\ncommand: [{program}]\nparameters: {{x: {{min: 1, max: {TRIALS}}}}}\n{env}")


def seconds(env, slots):
    with SweepRun("", slots=slots) as sweep:
        spec(sweep, env)
        return sweep.run().seconds


def main():
    cores = os.cpu_count()
    if cores < 2:
        return print("one processor: nothing is shared")
    shared, whole = [], []
    for _ in range(TURNS):
        shared.append(seconds("", cores))
        whole.append(seconds(f"env: {{OMP_NUM_THREADS: {cores}}}\n", cores))
    ratios = [w / s for w, s in zip(whole, shared)]
    note = f"{cores} at once, {TRIALS} trials of OpenMP, in {TURNS} turns: {min(ratios):.2f} to {max(ratios):.2f}"
    row("time with a thread for every processor, by the time with besom's share", f"{statistics.median(ratios):.2f}",
        "", note)
    return None


if __name__ == "__main__":
    main()
