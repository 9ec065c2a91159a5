/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/objective.h"

#include <math.h>

enum { LOST_TIMES = 3 };

static int value_rank(double value)
{
    return isfinite(value) ? 2 : isnan(value) ? 0 : 1;
}

bool objective_is_better(const struct objective_rule *rule, double value, double than)
{
    int rank = value_rank(value), other = value_rank(than);
    if (rank != other)
        return rank > other;
    return rule->maximize ? value > than : value < than;
}

bool objective_fold(const struct objective_rule *rule, struct objective *o, double value,
                    int64_t step)
{
    bool iterates = isfinite(value) && (o->iterations == 0 || step > o->iteration_step);
    if (iterates) {
        if (o->iterations == 0 || objective_is_better(rule, value, o->iteration_best))
            o->iteration_best = value;
        o->iterations++;
        o->iteration_step = step;
    }
    /* Steps may come in any order: the last value is the one with the highest step, and among equal
     * steps the one that came last. */
    bool counts = rule->last ? step >= o->step : objective_is_better(rule, value, o->value);
    if (!o->known || counts) {
        o->known = true;
        o->value = value;
        o->step = step;
    }
    return iterates;
}

/* Steps count, not reports: a script may report NaN where it measures nothing. */
bool objective_is_lost(const struct objective *o, double last, int64_t step, uint64_t reports)
{
    if (isfinite(last))
        return false;
    if (o->iterations == 0)
        return reports >= LOST_TIMES;
    double usual = fmax(1, ((double)o->iteration_step + 1) / (double)o->iterations);
    return (double)step - (double)o->iteration_step >= LOST_TIMES * usual;
}

void objective_restart(struct objective *o)
{
    o->known = false;
    o->value = 0;
    o->step = 0;
}

bool objective_meets_target(const struct objective_rule *rule, const struct objective *o)
{
    return rule->has_target && o->known && isfinite(o->value) &&
           !objective_is_better(rule, rule->target, o->value);
}

bool objective_fold_best(const struct objective_rule *rule, struct objective_best *best,
                         uint64_t trial, const struct objective *o)
{
    if (!o->known || !isfinite(o->value))
        return false;
    if (best->known && !objective_is_better(rule, o->value, best->value) &&
        (o->value != best->value || trial > best->trial))
        return false;
    *best = (struct objective_best){.known = true, .trial = trial, .value = o->value};
    return true;
}
