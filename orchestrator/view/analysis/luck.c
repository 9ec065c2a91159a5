/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/luck.h"

#include <math.h>
#include <stdlib.h>

#include "language/spec_read.h"
#include "orchestrator/view/view_proposals.h"
#include "strategies/bayes/explain.h"
#include "sweep/replicate/replicate.h"

/* A seed makes no difference but chance: trials that differ in it alone are the same to the model. */
static void seeds_hide(struct history *h)
{
    double *point = h->points + (h->n - 1) * h->dims;
    for (size_t k = 0; k < h->dims; k++) {
        const struct coordinate *c = &h->coordinates.items[k];
        if (!isnan(point[k]) && replicate_is_seed(c->p->name))
            point[k] = coordinate_snap(c, 0.5);
    }
}

static void history_take(void *arg, const struct view_proposal *p)
{
    struct history *h = arg;
    history_add(h, p->params);
    seeds_hide(h);
    history_set(h, p->number, &p->fate);
}

static uint64_t seed_of(const struct value *sweep)
{
    const struct value *seed = value_get(sweep, "seed");
    return seed && seed->kind == VALUE_STR ? strtoull(seed->s.ptr, NULL, 10)
                                           : (uint64_t)value_get_int(sweep, "seed", 0);
}

int luck_find(struct view *v, struct arena *a, const char *id, const struct value *sweep,
              struct recommend *ret, struct err *err)
{
    const char *fault;
    uint64_t seq;
    struct history h;
    *ret = (struct recommend){.noise = NAN};
    struct spec *spec = spec_read_stored(value_get(sweep, "spec"), a, &fault);
    if (fault)
        return 0; /* another version's: the best result can be shown all the same */
    const struct objective_rule rule = spec_objective_rule(spec);
    history_init(&h, &spec->space, &rule);
    int rc = view_proposals(v, id, spec, &seq, history_take, &h, err);
    if (rc == 0)
        recommend_trials(&h, spec, seed_of(sweep), ret);
    history_done(&h);
    spec_free(spec);
    return rc;
}

static struct value *luck_trial(struct arena *a, const struct recommend_trial *t)
{
    struct value *v = value_dict(a);
    value_put(a, v, "number", value_int(a, (int64_t)t->trial));
    value_put(a, v, "expected", explain_number(a, t->expected));
    value_put(a, v, "low", explain_number(a, t->low));
    value_put(a, v, "high", explain_number(a, t->high));
    value_put(a, v, "p_best", explain_number(a, t->chance));
    return v;
}

struct value *luck_list(struct arena *a, const struct recommend *r)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < r->n; i++)
        value_push(a, list, luck_trial(a, &r->top[i]));
    return list;
}

int luck_read(struct view *v, struct arena *a, const char *id, struct value **ret, struct err *err)
{
    struct recommend r;
    struct value *sweep, *doc = value_dict(a);
    int rc = view_sweep(v, a, id, &sweep, err);
    if (rc == 0)
        rc = luck_find(v, a, id, sweep, &r, err);
    if (rc != 0)
        return rc;
    const char *why =
        r.n > 0 ? NULL
        : r.results < RECOMMEND_RESULTS_MIN
            ? arena_printf(a, "noise not known: %d results are needed", RECOMMEND_RESULTS_MIN)
            : arena_printf(a, "no noise found in %zu results", r.results);
    value_put(a, doc, "results", value_int(a, (int64_t)r.results));
    value_put(a, doc, "noise", r.n > 0 ? explain_number(a, r.noise) : value_null(a));
    value_put(a, doc, "why", why ? value_str(a, why) : value_null(a));
    value_put(a, doc, "best", r.n > 0 ? luck_trial(a, &r.observed) : value_null(a));
    value_put(a, doc, "recommended", r.n > 0 ? luck_list(a, &r) : value_null(a));
    *ret = doc;
    return 0;
}
