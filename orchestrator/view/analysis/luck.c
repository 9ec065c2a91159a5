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

/* From so many degrees of freedom on, what repeats differ by is better known than what a model makes of all results. */
enum { MEASURED_FREEDOM_MIN = 3 };

/* Where trials were stopped early, it says that their results do not count. */
static const char *noise_unknown(struct arena *a, const struct value *sweep, size_t results)
{
    bool stopped = value_get_int(value_get(sweep, "counts"), "stopped", 0) > 0;
    return arena_printf(a, "noise not known: %zu of %d %sresults", results, RECOMMEND_RESULTS_MIN,
                        stopped ? "full-length " : "");
}

static void noise_choose(struct luck *l, struct arena *a, const struct value *sweep)
{
    const struct recommend *m = &l->model;
    const struct repeated *r = &l->repeats;
    l->noise = m->noise;
    if (r->freedom >= MEASURED_FREEDOM_MIN || (r->freedom > 0 && m->n == 0)) {
        l->noise = r->sd;
        l->measured = r->n;
    } else if (m->n == 0 && m->results < RECOMMEND_RESULTS_MIN) {
        l->why = noise_unknown(a, sweep, m->results);
    } else if (m->n == 0) {
        l->why = m->results < m->needed
                     ? arena_printf(a, "noise: cannot tell yet from %zu results", m->results)
                     : arena_printf(a, "no noise found in %zu results", m->results);
    }
}

int luck_find(struct view *v, struct arena *a, const char *id, const struct value *sweep,
              struct luck *ret, struct err *err)
{
    const char *fault;
    uint64_t seq;
    struct history h;
    struct value *best = NULL;
    *ret = (struct luck){.model = {.noise = NAN}, .noise = NAN};
    struct spec *spec = spec_read_stored(value_get(sweep, "spec"), a, &fault);
    if (fault)
        return 0; /* another version's: the best result can be shown all the same */
    const struct objective_rule rule = spec_objective_rule(spec);
    history_init(&h, &spec->space, &rule);
    int rc = view_proposals(v, id, spec, &seq, history_take, &h, err);
    if (rc == 0)
        rc = view_best(v, a, id, &best, err);
    if (rc == 0) {
        recommend_trials(&h, spec, seed_of(sweep), &ret->model);
        ret->verdict = recommend_verdict(&ret->model);
        repeated_find(&h, (uint64_t)value_get_int(best, "number", -1), &ret->repeats);
        noise_choose(ret, a, sweep);
    }
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

static struct value *luck_group(struct arena *a, const struct repeated_group *g)
{
    struct value *v = value_dict(a);
    value_put(a, v, "number", value_int(a, (int64_t)g->trial));
    value_put(a, v, "trials", value_int(a, (int64_t)g->n));
    value_put(a, v, "mean", explain_number(a, g->mean));
    value_put(a, v, "sd", explain_number(a, g->sd));
    value_put(a, v, "low", explain_number(a, g->low));
    value_put(a, v, "high", explain_number(a, g->high));
    return v;
}

void luck_put(struct arena *a, struct value *doc, const struct luck *l)
{
    static const char *const verdicts[] = {[RECOMMEND_BEST] = "best",
                                           [RECOMMEND_LUCK] = "luck",
                                           [RECOMMEND_TIE] = "tie",
                                           [RECOMMEND_OPEN] = "open"};
    const struct recommend *m = &l->model;
    if (m->n > 0) {
        struct value *list = value_list(a);
        for (size_t i = 0; i < m->n; i++)
            value_push(a, list, luck_trial(a, &m->top[i]));
        value_put(a, doc, "verdict", value_str(a, verdicts[l->verdict]));
        value_put(a, doc, "recommended", list);
    }
    if (l->repeats.own.n > 1)
        value_put(a, doc, "repeats", luck_group(a, &l->repeats.own));
    if (l->repeats.better.n > 0)
        value_put(a, doc, "better", luck_group(a, &l->repeats.better));
}

int luck_read(struct view *v, struct arena *a, const char *id, struct value **ret, struct err *err)
{
    struct luck l;
    struct value *sweep, *doc = value_dict(a);
    int rc = view_sweep(v, a, id, &sweep, err);
    if (rc == 0)
        rc = luck_find(v, a, id, sweep, &l, err);
    if (rc != 0)
        return rc;
    value_put(a, doc, "results", value_int(a, (int64_t)l.model.results));
    value_put(a, doc, "noise", isnan(l.noise) ? value_null(a) : explain_number(a, l.noise));
    value_put(a, doc, "measured", value_int(a, (int64_t)l.measured));
    value_put(a, doc, "why", l.why ? value_str(a, l.why) : value_null(a));
    if (l.model.n > 0)
        value_put(a, doc, "best", luck_trial(a, &l.model.observed));
    luck_put(a, doc, &l);
    *ret = doc;
    return 0;
}
