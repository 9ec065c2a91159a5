#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""search_table.py RUNS.jsonl… [--methods a,b] [--trials N] [--tasks]: the scores of search runs.

For task t after n trials, with r = max(regret, floor) and floor = R/1000, R the median regret of random's first trial:
S(t, n) = (log r_random(n) - mean over seeds of log r(n)) / (log r_random(n) - log floor), within [-1, 1]; 0 is as good as
random search, 1 is the optimum. NS(t) = the mean over n = 10, 25, 50 (and 100, 200 …). The figure after ± is the standard
error over seeds. Random's runs must be among the files: those of ../shared/search-bench, or besom's own."""
import json
import math
import sys

CLASSES = ("lowd", "highd", "noisy", "mixed", "batch", "hold", "edge")


def marks(trials):
    return [n for n in (10, 25, 50, 100, 200, 400) if n <= trials]


def median(values):
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def read(files, trials):
    """{task: {method: {seed: losses of the incumbent}}}, {task: (class, least loss known)}; besom's runs name the latter."""
    runs, tasks = {}, {}
    for file in files:
        for line in open(file, encoding="utf-8"):
            run = json.loads(line)
            if run["N"] != trials:
                continue
            if "class" in run:
                tasks[run["task"]] = (run["class"], run["best"])
            runs.setdefault(run["task"], {}).setdefault(run["alg"], {})[run["seed"]] = run["traj"]
    return {t: runs[t] for t in tasks if t in runs}, tasks


def seed_scores(runs, tasks, trials):
    """{(task, method): for each seed its S at each mark}"""
    ret = {}
    for task, of in runs.items():
        reference = list((of.get("random") or of.get("besom random") or {}).values())
        if not reference:
            sys.exit(f"search_table: {task}: no run of random to compare with")
        best = tasks[task][1]
        floor = 1e-3 * (median([run[0] for run in reference]) - best)

        def regret(y):
            return math.log10(max(y - best, floor))

        for method, seeds in of.items():
            ret[task, method] = []
            for run in seeds.values():
                random = [regret(median([r[n - 1] for r in reference])) for n in marks(trials)]
                ret[task, method].append([(r - regret(run[n - 1])) / (r - math.log10(floor) + 1e-12)
                                          for r, n in zip(random, marks(trials))])
    return ret


def score_of(each):
    """The NS of a task, its variance over seeds, and its parts."""
    n, width = len(each), len(each[0])
    parts = [max(-1, min(1, sum(run[k] for run in each) / n)) for k in range(width)]
    own = [sum(run) / width for run in each]
    mean = sum(own) / n
    return sum(parts) / width, sum((x - mean) ** 2 for x in own) / n / max(n - 1, 1), parts


def table(files, trials, methods=None):
    """Rows: group, method, NS, its error, how many tasks, the parts as text; the best of a group first."""
    runs, tasks = read(files, trials)
    of = seed_scores(runs, tasks, trials)
    groups = [("all but edge", [t for t in runs if tasks[t][0] != "edge"]),
              ("tuning", [t for t in runs if tasks[t][0] not in ("edge", "hold")])]
    groups += [(c, [t for t in runs if tasks[t][0] == c]) for c in CLASSES]
    for name, group in groups:
        rows = []
        for method in methods or sorted({m for _, m in of}):
            own = [score_of(of[t, method]) for t in group if (t, method) in of]
            if own:
                k = len(own)
                parts = " ".join(f"{sum(p[i] for _, _, p in own) / k:.3f}" for i in range(len(own[0][2])))
                rows.append((sum(s for s, _, _ in own) / k, math.sqrt(sum(e for _, e, _ in own)) / k, k, method, parts))
        for score, error, k, method, parts in sorted(rows, reverse=True):
            yield name, method, score, error, k, parts


def take_option(arguments, name, default):
    if name not in arguments:
        return default
    at = arguments.index(name)
    value = arguments[at + 1]
    del arguments[at:at + 2]
    return value


def main():
    arguments = sys.argv[1:]
    methods = take_option(arguments, "--methods", None)
    trials = int(take_option(arguments, "--trials", "50"))
    by_task = "--tasks" in arguments
    files = [a for a in arguments if not a.startswith("--")]
    methods = methods.split(",") if methods else None
    for group, method, score, error, k, parts in table(files, trials, methods):
        print(f"{group:12s}  {method:16s} {k:3d} tasks  NS {score:6.3f} ± {error:.3f}  {parts}")
    if by_task:
        runs, tasks = read(files, trials)
        of = seed_scores(runs, tasks, trials)
        methods = methods or sorted({m for _, m in of})
        print(" " * 14 + " ".join(f"{m[-12:]:>12s}" for m in methods))
        for t in runs:
            print(f"{t:14s}" + " ".join(f"{score_of(of[t, m])[0]:12.3f}" if (t, m) in of else " " * 12 for m in methods))


if __name__ == "__main__":
    main()
