#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the methods that learn search: the tasks of ../shared/search-bench through the engine of `besom ask`, beside
Optuna's TPE and GP, W&B's sweeps and CMA-ES on the same tasks in the same call.

Set by the environment: BESOM_SEARCH_SEEDS (0:10), BESOM_SEARCH_PEER_SEEDS (0:2; the GP takes minutes a seed),
BESOM_SEARCH_PEERS (optuna_tpe,optuna_cma,wandb,optuna_gp; empty: none), BESOM_SEARCH_TRIALS (50). A run of a peer that is
in build/search/ is not repeated; remove that folder to measure anew."""

import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "search"))
import search_table  # noqa: E402

BUILD = os.environ.get("BESOM_BUILD", os.path.join(ROOT, "build", "release"))
BENCH = os.path.join(ROOT, "..", "shared", "search-bench")
OUT = os.path.join(ROOT, "build", "search")
SEEDS = os.environ.get("BESOM_SEARCH_SEEDS", "0:10")
PEER_SEEDS = os.environ.get("BESOM_SEARCH_PEER_SEEDS", "0:2")
PEERS = os.environ.get("BESOM_SEARCH_PEERS", "optuna_tpe,optuna_cma,wandb,optuna_gp")
TRIALS = os.environ.get("BESOM_SEARCH_TRIALS", "50")
METHODS = ("bayes", "tpe", "random")


def besom(method):
    """Runs of one method, the seeds divided among the processors."""
    first, end = map(int, SEEDS.split(":"))
    parts = min(os.cpu_count() or 1, end - first)
    bounds = [first + (end - first) * k // parts for k in range(parts + 1)]
    argv = [os.path.join(BUILD, "tests", "bench", "search_run"), method]
    running = [subprocess.Popen([*argv, str(a), str(b), "--trials", TRIALS, "--folder", BENCH], stdout=subprocess.PIPE,
                                text=True) for a, b in zip(bounds, bounds[1:])]
    lines = "".join(p.communicate()[0] for p in running)
    if any(p.returncode for p in running):
        sys.exit(f"search_run {method} failed")
    path = os.path.join(OUT, f"besom-{method}.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(lines)
    return path


def peers_python():
    """A python with the packages of search/peers.txt, or None where they cannot be had."""
    folder = os.path.join(ROOT, "build", "search-peers")
    python = os.path.join(folder, "bin", "python3")
    wanted = open(os.path.join(HERE, "search", "peers.txt"), encoding="utf-8").read()
    done = os.path.join(folder, "complete")
    if os.path.exists(done) and open(done, encoding="utf-8").read() == wanted:
        return python
    print(f"installing the peers of tests/bench/search/peers.txt in {folder}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    argv = [python, "-m", "pip", "install", "--quiet", "-r", os.path.join(HERE, "search", "peers.txt")]
    if subprocess.run(argv, stdout=sys.stderr).returncode != 0:
        return None
    with open(done, "w", encoding="utf-8") as file:
        file.write(wanted)
    return python


def peer(python, name):
    path = os.path.join(OUT, f"{name}.jsonl")
    seeds = "0:10" if name == "random" else PEER_SEEDS
    argv = [python, os.path.join(BENCH, "bench.py"), name, "--seeds", seeds, "--N", TRIALS, "--out", path]
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", OMP_NUM_THREADS="1")
    done = subprocess.run(argv, stdout=sys.stderr, env=environment)
    return path if done.returncode == 0 and os.path.exists(path) else None


def main():
    if not os.path.isdir(BENCH):
        print("the tasks of ../shared/search-bench are not here: nothing is measured")
        return
    os.makedirs(OUT, exist_ok=True)
    files = [besom(method) for method in METHODS]
    names = [name for name in PEERS.split(",") if name]
    python = peers_python() if names else None
    if names and not python:
        print("the peers could not be installed: besom alone is measured")
    for name in ["random", *names] if python else ():
        path = peer(python, name)
        if path:
            files.append(path)
        else:
            print(f"{name} failed: it is left out")
    floors = {"all but edge": ".33", "lowd": ".57", "highd": ".37", "noisy": ".20", "mixed": ".25", "batch": ".23",
              "hold": ".33", "edge": ".46"}
    for group, method, score, error, tasks, parts in search_table.table(files, int(TRIALS)):
        floor = f"floor {floors[group]}; " if method == "besom bayes" and group in floors else ""
        print(f"{group}: {method}\t{score:.3f} ± {error:.3f}\tNS of {tasks} tasks\t{floor}by trials: {parts}")


if __name__ == "__main__":
    main()
