#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""peer_run.py PEER FROM TO --out FILE [--trials N] [--workers N] [--tasks a,b] [--seconds N]: runs a peer on the tasks of
../shared/search-bench by its adapter there, and appends a line of JSON for each run, in the form of search_run. A run that
the file has already is not repeated; after --seconds none is begun."""
import argparse
import json
import os
import sys
import time

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "..", "shared", "search-bench")


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--out", required=True)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--workers", type=int, default=0, help="on every task; 0: as many as the task says")
    parser.add_argument("--tasks", default="")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    return parser.parse_args()


def runs_done(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as file:
        return {(run["task"], run["seed"], run["N"]) for run in map(json.loads, file)}


def main():
    options = parse_arguments()
    sys.path.insert(0, BENCH)
    sys.dont_write_bytecode = True
    import bench  # noqa: E402  after its folder is known

    done, until = runs_done(options.out), time.monotonic() + options.seconds
    wanted = set(filter(None, options.tasks.split(",")))
    tasks = [task for task in bench.all_tasks() if not wanted or task.name in wanted]
    for seed in range(options.first, options.end):
        for task in tasks:
            if (task.name, seed, options.trials) in done or time.monotonic() > until:
                continue
            task.batch = options.workers or task.batch
            losses, ask, _, failed = bench.run(task, options.peer, seed, options.trials)
            line = {"task": task.name, "alg": options.peer, "seed": seed, "N": options.trials, "ask": ask, "fail": failed,
                    "traj": [float(f"{loss:.6g}") for loss in losses]}
            with open(options.out, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(f"{options.peer} {task.name} seed {seed}: {losses[-1]:.4g}, {ask * 1000:.1f} ms an ask", file=sys.stderr)


if __name__ == "__main__":
    main()
