/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The median rule (Golovin et al., "Google Vizier", KDD 2017, 3.2.2): a trial whose best value so far
 * is strictly worse than the median of the running means that the others had at its iteration is
 * stopped. As in Ray Tune's MedianStoppingRule, all others count that have come that far, not only
 * those that have finished: a sweep learns before its first trial ends. The means are of the values
 * at the rule's bands: each iteration up to 32, then 16 of each doubling. */
#include "strategies/stopper_type.h"

/* The median of the scores at a rung without the one at place own, counted from 1. */
static double median_of_others(const struct rungs *rungs, size_t rung, uint64_t own)
{
    uint64_t others = rungs->rankings[rung].n - 1, low = (others - 1) / 2, high = others / 2;
    double a = rungs_value(rungs, rung, low + 1 + (low + 1 >= own));
    double b = rungs_value(rungs, rung, high + 1 + (high + 1 >= own));
    return low == high ? a : a / 2 + b / 2;
}

static bool median_judge(const struct spec *spec, const struct rungs *rungs, uint64_t trial,
                         double best, struct stopper_why *ret)
{
    const struct rungs_trial *t = rungs_trial(rungs, trial);
    if (!t)
        return false;
    size_t rung = t->n - 1;
    ret->rung = rungs->bands[rung];
    ret->value = best;
    ret->of = rungs->rankings[rung].n;
    if (ret->rung < (uint64_t)spec->early_terminate.min_iter ||
        ret->of - 1 < (uint64_t)spec->early_terminate.min_trials) {
        ret->of = 0;
        return false;
    }
    ret->threshold = median_of_others(rungs, rung, rungs_rank(rungs, rung, t->sum / (double)t->n));
    ret->rank = rungs_rank(rungs, rung, best);
    return rungs_worse(rungs, best, ret->threshold);
}

const struct stopper_type stopper_median = {
    .name = "median", .judge = median_judge, .score = RUNGS_MEAN};
