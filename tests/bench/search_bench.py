#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the methods that learn search: the tasks of ../shared/search-bench through the engine of `besom ask`, beside
Optuna's TPE and GP, W&B's sweeps and CMA-ES on the same tasks in the same call.

Set by the environment:
BESOM_SEARCH_SEEDS (0:10), BESOM_SEARCH_PEER_SEEDS (0:2; the GP takes minutes a seed)
BESOM_SEARCH_METHODS (bayes,tpe,cmaes), BESOM_SEARCH_PEERS (optuna_tpe,optuna_cma,wandb,optuna_gp; also hebo, botorch and
    vizier_ucbpe, each in an environment of its own; empty: none)
BESOM_SEARCH_TRIALS (50), BESOM_SEARCH_WORKERS (0: as many as each task says), BESOM_SEARCH_TASKS (a,b; `common`: the six
    tasks that every peer ran; empty: all)
BESOM_SEARCH_PEER_SECONDS: after that time a peer begins no further run
A run of a peer that is in build/search/ is not repeated; remove that folder to measure anew."""

import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "search"))
import search_ranks  # noqa: E402
import search_table  # noqa: E402

BUILD = os.environ.get("BESOM_BUILD", os.path.join(ROOT, "build", "release"))
BENCH = os.path.join(ROOT, "..", "shared", "search-bench")
OUT = os.path.join(ROOT, "build", "search")
SEEDS = os.environ.get("BESOM_SEARCH_SEEDS", "0:10")
PEER_SEEDS = os.environ.get("BESOM_SEARCH_PEER_SEEDS", "0:2")
METHODS = os.environ.get("BESOM_SEARCH_METHODS", "bayes,tpe,cmaes")
PEERS = os.environ.get("BESOM_SEARCH_PEERS", "optuna_tpe,optuna_cma,wandb,optuna_gp")
PEER_SECONDS = os.environ.get("BESOM_SEARCH_PEER_SECONDS", "inf")
TRIALS = os.environ.get("BESOM_SEARCH_TRIALS", "50")
WORKERS = os.environ.get("BESOM_SEARCH_WORKERS", "0")
TASKS = os.environ.get("BESOM_SEARCH_TASKS", "").replace("common", "branin2,hart6,hart6_n,mix7,gbm,hart6_b8")
FLOORS = {"all but edge": ".33", "lowd": ".57", "highd": ".37", "noisy": ".20", "mixed": ".25", "batch": ".23",
          "hold": ".33", "edge": ".46"}
PACKAGES = {"hebo": "peers-hebo.txt", "botorch": "peers-botorch.txt", "vizier_ucbpe": "peers-vizier.txt"}


def names_of(text):
    return [name for name in text.split(",") if name]


def besom(method, recommended=()):
    """Runs of one method, the seeds divided among the processors. recommended: only these tasks, and the trial that `besom
    best` recommends in place of the best seen."""
    first, end = map(int, SEEDS.split(":"))
    parts = min(os.cpu_count() or 1, end - first)
    bounds = [first + (end - first) * k // parts for k in range(parts + 1)]
    argv = [os.path.join(BUILD, "tests", "bench", "search_run"), method]
    options = ["--trials", TRIALS, "--workers", WORKERS, "--folder", BENCH]
    options += ["--recommended", *recommended] if recommended else names_of(TASKS)
    running = [subprocess.Popen([*argv, str(a), str(b), *options], stdout=subprocess.PIPE, text=True)
               for a, b in zip(bounds, bounds[1:])]
    lines = "".join(p.communicate()[0] for p in running)
    if any(p.returncode for p in running):
        sys.exit(f"search_run {method} failed")
    path = os.path.join(OUT, f"besom-{method}{'-recommended' if recommended else ''}.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(lines)
    return path


def peer_python(packages):
    """A python with the packages of that file, or None where they cannot be had."""
    folder = os.path.join(ROOT, "build", "search-" + packages.removesuffix(".txt"))
    python = os.path.join(folder, "bin", "python3")
    wanted = open(os.path.join(HERE, "search", packages), encoding="utf-8").read()
    done = os.path.join(folder, "complete")
    if os.path.exists(done) and open(done, encoding="utf-8").read() == wanted:
        return python
    print(f"installing the peers of tests/bench/search/{packages} in {folder}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    argv = [python, "-m", "pip", "install", "--quiet", "-r", os.path.join(HERE, "search", packages)]
    if subprocess.run(argv, stdout=sys.stderr).returncode != 0:
        return None
    with open(done, "w", encoding="utf-8") as file:
        file.write(wanted)
    return python


def peer(name):
    """The file of a peer's runs; None where it could not run."""
    python = peer_python(PACKAGES.get(name, "peers.txt"))
    if not python:
        print(f"the packages of {name} could not be installed: it is left out")
        return None
    path = os.path.join(OUT, f"{name}-{TRIALS}-{WORKERS}.jsonl")
    first, end = ("0:10" if name == "random" else PEER_SEEDS).split(":")
    argv = [python, os.path.join(HERE, "search", "peer_run.py"), name, first, end, "--trials", TRIALS, "--workers", WORKERS,
            "--tasks", TASKS, "--seconds", PEER_SECONDS, "--out", path]
    done = subprocess.run(argv, stdout=sys.stderr, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", OMP_NUM_THREADS="1"))
    if done.returncode == 0 and os.path.exists(path):
        return path
    print(f"{name} failed: it is left out")
    return None


def main():
    if not os.path.isdir(BENCH):
        print("the tasks of ../shared/search-bench are not here: nothing is measured")
        return
    os.makedirs(OUT, exist_ok=True)
    files = [besom(method) for method in names_of(METHODS) + ["random"]]
    files += filter(None, [peer(name) for name in (["random", *names_of(PEERS)] if names_of(PEERS) else ())])
    for group, method, score, error, tasks, parts in search_table.table(files, int(TRIALS)):
        judged = method == "besom bayes" and group in FLOORS and (TRIALS, WORKERS, TASKS) == ("50", "0", "")
        floor = f"floor {FLOORS[group]}; " if judged else ""
        print(f"{group}: {method}\t{score:.3f} ± {error:.3f}\tNS of {tasks} tasks\t{floor}by trials: {parts}")
    best = [besom(method, ["noisy"]) for method in names_of(METHODS) if not TASKS]
    references = [f for f in files if "random" in os.path.basename(f)]
    for group, method, score, error, tasks, parts in search_table.table(references + best, int(TRIALS)):
        if group == "noisy" and method.endswith("recommended"):
            print(f"{group}: {method}\t{score:.3f} ± {error:.3f}\tNS of {tasks} tasks\tby trials: {parts}")
    mean, common = search_ranks.ranks(files, int(TRIALS))
    for method, rank in sorted(mean.items(), key=lambda of: of[1]):
        print(f"mean rank: {method}\t{rank:.2f}\tof {len(mean)} on {common} tasks\t")
    for other, label, tasks, won, lost, difference, p in search_ranks.pairs(files, int(TRIALS), "besom bayes"):
        print(f"bayes beside {other}, {label}\t{difference:+.3f}\tof {tasks} tasks\t{won} won, {lost} lost, p {p:.1g}")


if __name__ == "__main__":
    main()
