# SPDX-License-Identifier: GPL-3.0-or-later
"""Time and memory of `besom lint` and of `besom plan`, the whole process, on each of the specs of
tests/e2e/hostile/inputs.py.

With --all a row each; else the worst of each group, and the worst of all."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ["BESOM_BUILD"]
TIMES = "5"

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e", "hostile"))
import inputs


COMMANDS = {"lint": "50 ms, 16 MB", "plan": ""}


def measure(given):
    """{command: (milliseconds of CPU, MB)}"""
    figures = {}
    with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
        path = os.path.join(folder, "s.yaml")
        given.make(path)
        clock = os.path.join(BUILD, "tests", "bench", "run_clock")
        besom = os.path.join(BUILD, "cli", "besom")
        for command in COMMANDS:
            done = subprocess.run([clock, TIMES, besom, command, path], capture_output=True, text=True, check=True)
            _, cpu_ms, kilobytes, _ = done.stdout.split()
            figures[command] = (float(cpu_ms), float(kilobytes) / 1024)
    return figures


def row(command, what, ms, mb, note):
    print(f"besom {command}: {what}\t{ms:.1f} ms, {mb:.1f}\tMB\t{note}", flush=True)


def main():
    every = "--all" in sys.argv
    worst = []
    for group, members in inputs.GROUPS.items():
        found = [(measure(given), given) for given in members]
        for command in COMMANDS:
            figures = [(*figures[command], given) for figures, given in found]
            for ms, mb, given in figures if every else []:
                row(command, given.name, ms, mb, given.says)
            slow, large = max(figures, key=lambda f: f[0]), max(figures, key=lambda f: f[1])
            row(command, f"hostile {group}, {len(found)} of them", slow[0], large[1],
                f"{slow[2].name}; {large[2].name}")
        worst += found
    for command, floor in COMMANDS.items():
        row(command, f"the worst of {len(worst)} hostile specs", max(w[0][command][0] for w in worst),
            max(w[0][command][1] for w in worst), floor)


if __name__ == "__main__":
    main()
