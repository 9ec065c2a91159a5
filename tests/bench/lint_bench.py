# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a spec of 200 parameters takes to be judged: by besom's reader, by `besom lint` as a whole process, and by
what W&B judges it with: PyYAML's SafeLoader, then the engine's own check (PyPI's sweeps, where tests/differential/run
has put it into build/differential)."""

import glob
import os
import subprocess
import tempfile

BUILD = os.environ["BESOM_BUILD"]
PEERS = os.environ.get("BESOM_BENCH_PEERS", "")
PARAMETERS, TIMES = 200, 200

PEER = """
import sys, time, statistics
if sys.argv[2]:
    sys.path.insert(0, sys.argv[2])
    import warnings
    warnings.simplefilter("ignore")
    from sweeps.config.cfg import schema_violations_from_proposed_config as check
import yaml
text, took = open(sys.argv[1]).read(), []
for _ in range(5):
    began = time.process_time()
    config = yaml.safe_load(text)
    if sys.argv[2]:
        assert not check(config)
    took.append(1e3 * (time.process_time() - began))
print(statistics.median(took))
"""


def spec():
    """Of each kind as many as of the others, some nested, as people write them."""
    kinds = ["{min: 1, max: %d}", "{min: 0.5, max: %d.5}", "{values: [relu, tanh, 'x%d']}", "{value: %d}",
             "{distribution: log_uniform_values, min: 1.0e-5, max: %d.0}",
             "{distribution: q_uniform, min: 0, max: %d.0, q: 2}",
             "{values: [16, 32, 64, %d], probabilities: [0.25, 0.25, 0.25, 0.25]}",
             "{distribution: normal, mu: %d.0, sigma: 2.5}"]
    lines = ["program: train.py", "method: random", "metric: {name: val/loss, goal: minimize}", "parameters:"]
    for i in range(PARAMETERS):
        if i % 20 == 0:
            lines += [f"  group_{i}:", "    parameters:"]
        lines.append(f"      parameter_{i}: {kinds[i % len(kinds)] % (100 + i)}  # the {i}th")
    return "\n".join(lines) + "\n"


def output(*argv):
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def row(what, ms, note=""):
    print(f"lint of {PARAMETERS} parameters: {what}\t{ms:.2f}\tms\t{note}", flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix="besom-bench-") as folder:
        path = os.path.join(folder, "s.yaml")
        with open(path, "w", encoding="ascii") as f:
            f.write(spec())
        open(os.path.join(folder, "train.py"), "w").close()
        bench = os.path.join(BUILD, "tests", "bench")
        row("read in process", float(output(os.path.join(bench, "lint_clock"), str(TIMES), path)),
            f"floor 2; CPU, median of {TIMES}; {len(spec())} bytes")
        clock = output(os.path.join(bench, "run_clock"), "20", os.path.join(BUILD, "cli", "besom"), "lint", path)
        ms, cpu_ms, kilobytes, _ = clock.split()
        row("besom lint, its whole process", float(ms), f"best of 20; CPU {cpu_ms} ms; {int(kilobytes) / 1024:.1f} MB")
        if not PEERS:
            print("no Python with PyYAML: its rows are left out")
            return
        row("PyYAML's SafeLoader alone", float(output(PEERS, "-c", PEER, path, "")), "CPU, median of 5")
        root = os.path.dirname(os.path.dirname(BUILD))
        for done in glob.glob(os.path.join(root, "build", "differential", "*", "done"))[:1]:
            row("PyYAML's and the check of sweeps 0.3.0", float(output(PEERS, "-c", PEER, path, os.path.dirname(done))),
                "CPU, median of 5")


if __name__ == "__main__":
    main()
