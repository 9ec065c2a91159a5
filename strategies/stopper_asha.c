/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asynchronous successive halving that stops (Li et al., "A system for massively parallel
 * hyperparameter tuning", MLSys 2020): of the trials that have reached a rung, the best 1/eta
 * continue. No trial waits at a rung, so a trial that came early continues until enough others
 * have come. It is judged at each report by the highest rung that it has reached: otherwise a poor
 * trial that is always the first at a rung would never be stopped. */
#include "strategies/stopper_type.h"

static bool asha_judge(const struct spec *spec, const struct rungs *rungs, uint64_t trial,
                       double best, struct stopper_why *ret)
{
    (void)best;
    const struct rungs_trial *t = rungs_trial(rungs, trial);
    if (!t)
        return false;
    size_t rung = t->n - 1;
    ret->rung = rungs->bands[rung];
    ret->value = t->marks[rung].value;
    ret->of = rungs->rankings[rung].n;
    uint64_t stay = (uint64_t)((double)ret->of / spec->early_terminate.eta);
    if (stay == 0) {
        ret->of = 0;
        return false;
    }
    ret->threshold = rungs_value(rungs, rung, stay);
    ret->rank = rungs_rank(rungs, rung, ret->value);
    return ret->rank > stay;
}

const struct stopper_type stopper_asha = {
    .name = "asha", .judge = asha_judge, .score = RUNGS_VALUE};
