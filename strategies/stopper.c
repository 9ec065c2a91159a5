/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/stopper.h"

#include <math.h>

#include "base/mem.h"

struct stopper {
    const struct stopper_type *type;
    const struct spec *spec;
    struct rungs rungs;
};

static const struct stopper_type *type_of(enum spec_stopper type)
{
    switch (type) {
    case SPEC_STOPPER_HYPERBAND:
        return &stopper_hyperband;
    case SPEC_STOPPER_ASHA:
        return &stopper_asha;
    case SPEC_STOPPER_MEDIAN:
        return &stopper_median;
    }
    return NULL;
}

struct stopper *stopper_new(const struct spec *spec)
{
    if (!spec->early_terminate.on)
        return NULL;
    const struct stopper_type *type = type_of(spec->early_terminate.type);
    struct stopper *s = mem_alloc(sizeof *s);
    s->type = type;
    s->spec = spec;
    rungs_init(&s->rungs, spec, type->score);
    return s;
}

void stopper_rebase(struct stopper *s, const struct spec *spec)
{
    s->spec = spec;
}

void stopper_free(struct stopper *s)
{
    if (!s)
        return;
    rungs_done(&s->rungs);
    mem_free(s);
}

void stopper_report(struct stopper *s, uint64_t trial, uint64_t iteration, double value,
                    double best)
{
    struct stopper_why why;
    struct rungs_mark *mark = rungs_report(&s->rungs, trial, iteration, value);
    if (!mark)
        return;
    stopper_judge(s, trial, best, &why);
    if (why.of > 0)
        *mark = (struct rungs_mark){value, why.value, why.threshold, why.rank, why.of};
}

bool stopper_judge(const struct stopper *s, uint64_t trial, double best, struct stopper_why *ret)
{
    *ret = (struct stopper_why){.stopper = s->type->name};
    return s->type->judge(s->spec, &s->rungs, trial, best, ret);
}

bool stopper_lost(const struct stopper *s, const struct objective *o, double last, int64_t step,
                  uint64_t reports, struct stopper_why *ret)
{
    if (!s->spec->early_terminate.stop_nan || !objective_is_lost(o, last, step, reports))
        return false;
    *ret = (struct stopper_why){.stopper = s->type->name,
                                .rung = o->iterations,
                                .value = last,
                                .lost = true,
                                .last_step = o->iteration_step};
    return true;
}

void stopper_forget(struct stopper *s, uint64_t trial)
{
    rungs_forget(&s->rungs, trial);
}

void stopper_recall(struct stopper *s, uint64_t trial, const double *values, size_t n)
{
    rungs_recall(&s->rungs, trial, values, n);
}

size_t stopper_rungs(const struct stopper *s, uint64_t trial)
{
    const struct rungs_trial *t = rungs_trial(&s->rungs, trial);
    return t ? t->n : 0;
}

const struct rungs_mark *stopper_rung(const struct stopper *s, uint64_t trial, size_t i,
                                      uint64_t *ret_iteration)
{
    const struct rungs_trial *t = rungs_trial(&s->rungs, trial);
    if (!t || i >= t->n)
        return NULL;
    *ret_iteration = s->rungs.bands[i];
    return &t->marks[i];
}

/* As text, which SQLite reads in JSON. */
static void lost_put(struct arena *a, struct value *v, const struct stopper_why *why)
{
    static const char *const none[] = {"threshold", "rank", "of"};
    value_put(a, v, "rung", value_null(a));
    value_put(a, v, "value",
              value_str(a, isnan(why->value) ? "NaN"
                           : why->value > 0  ? "Infinity"
                                             : "-Infinity"));
    for (int i = 0; i < 3; i++)
        value_put(a, v, none[i], value_null(a));
    value_put(a, v, "last_step", why->rung ? value_int(a, why->last_step) : value_null(a));
}

struct value *stopper_why_value(struct arena *a, const struct stopper_why *why)
{
    struct value *v = value_dict(a);
    value_put(a, v, "stopper", value_str(a, why->stopper));
    if (why->lost) {
        lost_put(a, v, why);
        return v;
    }
    value_put(a, v, "rung", value_int(a, (int64_t)why->rung));
    value_put(a, v, "value", value_float(a, why->value));
    value_put(a, v, "threshold", value_float(a, why->threshold));
    value_put(a, v, "rank", value_int(a, (int64_t)why->rank));
    value_put(a, v, "of", value_int(a, (int64_t)why->of));
    return v;
}
