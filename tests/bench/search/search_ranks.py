#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""search_ranks.py RUNS.jsonl… [--trials N] [--first METHOD]: one method beside each other one, task by task, by NS and by
the score after each mark (search_table.py says what these are). Both are averaged over their seeds.

For each pair: tasks won and lost (by more than 0.005), the mean difference, and p of Wilcoxon's signed-rank test (two-sided,
exact: Wilcoxon, Individual Comparisons by Ranking Methods, 1945). p is not corrected for the number of pairs."""
import sys

import search_table

LEAST_WIN = 0.005


def signed_rank_p(differences):
    """Equal sizes share their mean rank; ranks are doubled so that all are whole."""
    sizes = sorted(abs(d) for d in differences if d != 0)
    if not sizes:
        return 1.0
    rank = {size: sizes.index(size) * 2 + 1 + sizes.count(size) for size in sizes}
    total = sum(rank[size] for size in sizes)
    ways = [1] + [0] * total
    for size in sizes:
        for at in range(total, rank[size] - 1, -1):
            ways[at] += ways[at - rank[size]]
    positive = sum(rank[abs(d)] for d in differences if d > 0)
    tail = sum(ways[:min(positive, total - positive) + 1])
    return min(1.0, 2 * tail / 2 ** len(sizes))


def mean_ranks(scores):
    """{method: mean rank}, 1 the best, for {task: {method: score}} with the same methods in each."""
    ranks = {}
    for of in scores.values():
        for method, score in of.items():
            better, equal = sum(s > score for s in of.values()), sum(s == score for s in of.values())
            ranks.setdefault(method, []).append(better + (equal + 1) / 2)
    return {method: sum(r) / len(r) for method, r in ranks.items()}


def pairs(files, trials, first):
    """Rows: other method, label ("NS", "at 10", …), tasks, won, lost, mean difference, p."""
    runs, tasks = search_table.read(files, trials)
    of = search_table.seed_scores(runs, tasks, trials)
    labels = ["NS"] + [f"at {n}" for n in search_table.marks(trials)]
    for other in sorted({m for _, m in of} - {first, "random"}):
        both = [t for t in runs if (t, first) in of and (t, other) in of]
        for k, label in enumerate(labels):
            def score(task, method):
                ns, _, parts = search_table.score_of(of[task, method])
                return ns if k == 0 else parts[k - 1]
            differences = [score(t, first) - score(t, other) for t in both]
            if differences:
                yield (other, label, len(both), sum(d > LEAST_WIN for d in differences),
                       sum(d < -LEAST_WIN for d in differences), sum(differences) / len(both), signed_rank_p(differences))


def ranks(files, trials):
    """Mean ranks by NS over the tasks that all methods ran, and how many tasks these are."""
    runs, tasks = search_table.read(files, trials)
    of = search_table.seed_scores(runs, tasks, trials)
    methods = sorted({m for _, m in of})
    common = [t for t in runs if all((t, m) in of for m in methods)]
    return mean_ranks({t: {m: search_table.score_of(of[t, m])[0] for m in methods} for t in common}), len(common)


def main():
    arguments = sys.argv[1:]
    trials = int(search_table.take_option(arguments, "--trials", "50"))
    first = search_table.take_option(arguments, "--first", "besom bayes")
    mean, common = ranks(arguments, trials)
    print(f"mean rank of {common} tasks: " + ", ".join(f"{m} {r:.2f}" for m, r in sorted(mean.items(), key=lambda x: x[1])))
    for other, label, n, won, lost, difference, p in pairs(arguments, trials, first):
        print(f"{first} beside {other}, {label}: {n} tasks, {won} won, {lost} lost, {difference:+.3f}, p {p:.1g}")


if __name__ == "__main__":
    main()
