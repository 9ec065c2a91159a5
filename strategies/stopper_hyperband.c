/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W&B's rule, as `sweeps` 0.3.0 has it (hyperband_stopping.py), which takes its name from Li et al.,
 * "Hyperband", JMLR 2018. Of the n values at a band, sorted from the best on, the one at place
 * int((1/eta) * n), from 0, is the threshold: trials that are strictly worse are stopped. A trial is
 * judged by the highest band that it has reached. `strict` compares its value there; otherwise its
 * best value so far is compared, with the same threshold. All trials count, ended ones too. With
 * fewer than eta of them the threshold is the best value: W&B's engine stops the others then. */
#include "strategies/stopper_type.h"

static bool hyperband_judge(const struct spec *spec, const struct rungs *rungs, uint64_t trial,
                            double best, struct stopper_why *ret)
{
    const struct rungs_trial *t = rungs_trial(rungs, trial);
    if (!t)
        return false;
    size_t rung = t->n - 1;
    ret->rung = rungs->bands[rung];
    ret->value = spec->early_terminate.strict ? t->marks[rung].value : best;
    ret->of = rungs->rankings[rung].n;
    /* The engine multiplies by 1/eta: with eta 3 and 3 trials that is 1.0, not less. */
    uint64_t place = (uint64_t)(1.0 / spec->early_terminate.eta * (double)ret->of);
    if (place >= ret->of)
        place = ret->of - 1;
    ret->threshold = rungs_value(rungs, rung, place + 1);
    ret->rank = rungs_rank(rungs, rung, ret->value);
    return rungs_worse(rungs, ret->value, ret->threshold);
}

const struct stopper_type stopper_hyperband = {
    .name = "hyperband", .judge = hyperband_judge, .score = RUNGS_VALUE};
