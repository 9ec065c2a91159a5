#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""search_table.py RUNS.jsonl… [--peers results.csv] [--methods a,b] [--tasks]: the scores of search runs, as in ../shared/search-bench.

For task t after n trials, with r = max(regret, floor) and floor = R/1000, R the median regret of random's first trial:
S(t, n) = (log r_random(n) - mean over seeds of log r(n)) / (log r_random(n) - log floor), within [-1, 1]; 0 is as good as
random search, 1 is the optimum. NS(t) = the mean over n = 10, 25, 50. The figure after ± is the standard error over seeds."""
import csv
import json
import math
import sys

AT = (10, 25, 50)
CLASSES = ("lowd", "highd", "noisy", "mixed", "batch", "hold", "edge")


def median(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def read(files, peers):
    runs, tasks = {}, {}
    for file in files:
        for line in open(file, encoding="utf-8"):
            run = json.loads(line)
            tasks.setdefault(run["task"], (run.get("class", "?"), run.get("best")))
            runs.setdefault(run["task"], {}).setdefault(run["alg"], {})[run["seed"]] = \
                {n: run["traj"][n - 1] for n in (1, *AT) if n <= len(run["traj"])}
    for row in csv.DictReader(open(peers, encoding="utf-8")) if peers else ():
        if row["task"] in tasks:
            runs[row["task"]].setdefault(row["alg"], {})[int(row["seed"])] = {n: float(row[f"y{n}"]) for n in (1, *AT)}
    return runs, tasks


def scores(runs, tasks):
    """{(task, method): [NS of each seed]}"""
    ret = {}
    for task, of in runs.items():
        reference = of.get("random") or of.get("besom random")
        if not reference:
            sys.exit(f"search_table: {task}: no run of random to compare with")
        best = tasks[task][1]
        span = median([run[1] for run in reference.values()]) - best
        floor = math.log10(1e-3 * span)
        for method, seeds in of.items():
            each = []
            for run in seeds.values():
                parts = []
                for n in AT:
                    regret = lambda y: math.log10(max(y - best, 1e-3 * span))
                    random = regret(median([r[n] for r in reference.values()]))
                    parts.append((random - regret(run[n])) / (random - floor + 1e-12))
                each.append(parts)
            ret[task, method] = each
    return ret


def clip(x):
    return max(-1, min(1, x))


def score_of(each):
    """The NS of a task, and its standard error over seeds."""
    n = len(each)
    total = sum(clip(sum(run[k] for run in each) / n) for k in range(len(AT))) / len(AT)
    own = [sum(run) / len(AT) for run in each]
    mean = sum(own) / n
    return total, sum((x - mean) ** 2 for x in own) / n / max(n - 1, 1), \
        [clip(sum(run[k] for run in each) / n) for k in range(len(AT))]


def take_option(arguments, name):
    if name not in arguments:
        return None
    at = arguments.index(name)
    value = arguments[at + 1]
    del arguments[at:at + 2]
    return value


def main():
    arguments = sys.argv[1:]
    peers = take_option(arguments, "--peers")
    only = take_option(arguments, "--methods")
    by_task = "--tasks" in arguments
    runs, tasks = read([a for a in arguments if not a.startswith("--")], peers)
    of = scores(runs, tasks)
    methods = only.split(",") if only else sorted({m for _, m in of})
    groups = [("all but edge", [t for t in tasks if tasks[t][0] != "edge"]),
              ("tuning", [t for t in tasks if tasks[t][0] not in ("edge", "hold")])]
    groups += [(c, [t for t in tasks if tasks[t][0] == c]) for c in CLASSES]
    for name, group in groups:
        rows = []
        for method in methods:
            own = [score_of(of[t, method]) for t in group if (t, method) in of]
            if own:
                k = len(own)
                rows.append((sum(s for s, _, _ in own) / k, math.sqrt(sum(e for _, e, _ in own)) / k, k, method,
                             [sum(p[i] for _, _, p in own) / k for i in range(len(AT))]))
        if not rows:
            continue
        print(f"{name} ({len(group)} tasks)")
        for score, error, k, method, parts in sorted(rows, reverse=True):
            print(f"  {method:16s} {k:3d} tasks  NS {score:6.3f} ± {error:.3f}   at 10, 25, 50: "
                  + " ".join(f"{p:6.3f}" for p in parts))
    if by_task:
        print(" " * 14 + " ".join(f"{m[-12:]:>12s}" for m in methods))
        for t in tasks:
            print(f"{t:14s}" + " ".join(f"{score_of(of[t, m])[0]:12.3f}" if (t, m) in of else " " * 12 for m in methods))


main()
