#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the methods that learn take for one proposal after 10 to 5,000 results: ten parameters, CPU time, one thread,
beside Optuna's TPE and GP, W&B's sweeps and rustuna's TPE in the same call. Cold: the proposal is made when it is asked
for. Ready: it was made ahead. The GP runs up to 500 results only, because it takes seconds. At the end, what could take long: many parameters, trials
without a result, candidates.

BESOM_SUGGEST_PEERS names the peers, with commas between (all four; empty: none)."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import search_bench  # noqa: E402

SIZES = (10, 50, 100, 500, 1000, 5000)
METHODS = ("bayes", "tpe", "cmaes")
# What could take long: the method, results, parameters, trials without a result, candidates.
EXTREMES = (("bayes", 500, 10, 900, ""), ("bayes", 100, 1000, 0, ""), ("bayes", 500, 1000, 0, ""), ("bayes", 500, 1000, 900, ""),
            ("tpe", 1000, 1000, 0, ""), ("tpe", 1000, 10, 0, "10000"), ("tpe", 1000, 1000, 0, "10000"),
            ("cmaes", 100, 200, 0, ""), ("cmaes", 100, 1000, 0, ""), ("cmaes", 100, 4096, 0, ""))
EXTREME_MS = 100
COLD = {"bayes": dict(zip(SIZES, (0.7, 2, 4, 15, 25, 40))), "tpe": {1000: 1, 5000: 2.5}}
READY_P99, MIB = 0.1, 50
PEERS = {"rustuna_tpe": "rustuna 0.2 TPE", "optuna_tpe": "Optuna 5 TPE", "wandb": "sweeps 0.3.0",
         "optuna_gp": "Optuna 5 GP"}
GP_MOST, PEER_S = 500, 200
RUN = os.path.join(search_bench.BUILD, "tests", "bench", "suggest_run")


def run(argv):
    """The line of JSON that a program prints; None if it fails or takes too long."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, env=environment, timeout=PEER_S)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout) if done.returncode == 0 else None


def measure(n, python, names):
    ret = {method: run([RUN, method, str(n), "300" if n <= 100 else "120"]) for method in METHODS}
    for name in names:
        if name == "optuna_gp" and n > GP_MOST:
            continue
        rounds = {"optuna_gp": 3, "wandb": 3}.get(name, 10)
        ret[name] = run([python, os.path.join(HERE, "search", "suggest_peer.py"), name, str(n), str(rounds)])
        if not ret[name]:
            print(f"{PEERS[name]} after {n} results: more than {PEER_S} s, or it failed")
    return {name: result for name, result in ret.items() if result}


def measure_extremes():
    for method, n, dims, pending, candidates in EXTREMES:
        result = run([RUN, method, str(n), "5", str(dims), str(pending), *candidates.split()])
        what = f"{method} after {n} results, {dims} parameters"
        what += f", {pending} pending" if pending else f", {candidates} candidates" if candidates else ""
        took = f"{result['cold'][0]:.1f}" if result else f"over {PEER_S} s"
        print(f"{what}\t{took}\tms of CPU\taim {EXTREME_MS}")


def main():
    names = search_bench.names_of(os.environ.get("BESOM_SUGGEST_PEERS", ",".join(PEERS)))
    python = search_bench.peer_python("peers.txt") if names else None
    if names and not python:
        print("the peers could not be installed: besom alone is measured")
    for n in SIZES:
        of = measure(n, python, names if python else [])
        peers = {name: of[name]["cold"][0] for name in PEERS if name in of}
        fastest = min(peers, key=peers.get) if peers else None
        for method in METHODS:
            result, floor = of[method], COLD.get(method, {}).get(n)
            note = f"p99 {result['cold'][1]:.2f}" + (f"; floor {floor}" if floor else "")
            if fastest:
                note += f"; {result['cold'][0] / peers[fastest]:.2f} of {PEERS[fastest]}"
            print(f"{method} after {n} results, cold\t{result['cold'][0]:.2f}\tms of CPU\t{note}")
            note = f"p99 {result['ready'][1]:.3f}; floor of p99 {READY_P99}"
            if fastest:
                note += f"; {result['ready'][0] / peers[fastest]:.4f} of {PEERS[fastest]}"
            print(f"{method} after {n} results, ready\t{result['ready'][0]:.4f}\tms of CPU\t{note}")
        for name, value in sorted(peers.items(), key=lambda item: item[1]):
            print(f"{PEERS[name]} after {n} results\t{value:.2f}\tms of CPU\t")
        if n == SIZES[-1]:
            for method in METHODS:
                print(f"{method}: memory for {n} results\t{of[method]['mib']:.1f}\tMiB\tfloor {MIB}")
    measure_extremes()


if __name__ == "__main__":
    main()
