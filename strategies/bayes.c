/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bayesian optimisation: models the losses by a Gaussian process and proposes the point with the
 * highest acquisition value. Each proposal is a function of the seed, the number of proposals
 * before it and the columns of the history, so it can be derived again. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "strategies/bayes/climb.h"
#include "strategies/bayes/explain.h"
#include "strategies/bayes/design.h"
#include "strategies/strategy_type.h"

/* Trials before the first use of the model, unless strategy.initial says otherwise. */
enum { INITIAL = 5 };
/* Points near which the climb starts; proposals tried to find a new one. */
enum { CENTRES = 5, TRIED = 256 };

struct bayes {
    struct sampler sampler; /* first: see strategy_type.h */
    const struct spec *spec;
    struct terrain terrain;
    struct design design;
    struct surrogate surrogate;
    struct rng rng;
    uint64_t initial;
    enum surrogate_choice choice;
};

static int bayes_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct bayes *b = state;
    (void)seed;
    (void)err;
    gsl_set_error_handler_off();
    terrain_init(&b->terrain, &spec->space, &b->sampler);
    design_init(&b->design, "bayes", &b->terrain);
    surrogate_init(&b->surrogate, b->terrain.d, b->terrain.kinds);
    b->spec = spec;
    b->initial = INITIAL;
    if (spec->strategy) {
        const char *acquisition = value_get_str(spec->strategy, "acquisition", "auto");
        b->initial = (uint64_t)value_get_int(spec->strategy, "initial", INITIAL);
        b->choice = strcmp(acquisition, "ei") == 0    ? SURROGATE_IMPROVEMENT
                    : strcmp(acquisition, "lcb") == 0 ? SURROGATE_BOUND
                                                      : SURROGATE_BY_TURNS;
    }
    return 0;
}

static void bayes_done(void *state)
{
    struct bayes *b = state;
    surrogate_done(&b->surrogate);
    design_done(&b->design);
    terrain_done(&b->terrain);
}

/* False if all points that the climb has visited were proposed before. */
static bool propose_model(struct bayes *b, const struct history *h, const struct results *r,
                          struct arena *a, struct proposal *ret)
{
    size_t d = r->d, n = r->n < CENTRES ? r->n : CENTRES;
    struct surrogate *s = &b->surrogate;
    struct climb climb;
    double *centres = mem_alloc((n + 1) * d * sizeof *centres), *lengths = centres + n * d;
    surrogate_learn(s, r, b->choice);
    for (size_t i = 0; i < n; i++)
        memcpy(centres + i * d, r->x + s->order[i] * d, d * sizeof *centres);
    for (size_t j = 0; j < d; j++)
        lengths[j] = fmin(fmax(surrogate_length(s, j), 0.05), 2);
    rng_init(&b->rng, b->sampler.seed, h->n, RNG_SEARCH);
    climb_init(&climb, &b->terrain, &s->acquisition, centres, n, lengths, &b->rng);
    bool taken = false;
    for (size_t i = 0; i < climb.n && i < TRIED && !taken; i++) {
        const struct climb_point *p = &climb.points[i];
        taken = terrain_is_new(&b->terrain, h->points, h->n, p->x) &&
                sampler_take(&b->sampler, p->raw, a, &ret->params);
        if (taken)
            ret->why = explain_model(a, &b->terrain, s, r, h->rule.maximize, p);
    }
    climb_done(&climb);
    mem_free(centres);
    return taken;
}

static int bayes_propose(void *state, const struct history *h, struct arena *a,
                         struct proposal *ret, struct err *err)
{
    struct bayes *b = state;
    struct results r;
    int rc = 0;
    results_init(&r, h, b->spec, b->terrain.kinds);
    results_blend_failed(&r, b->terrain.kinds);
    if (r.n + r.pending - r.running < b->initial || r.n == 0 || r.d == 0)
        rc = design_propose(&b->design, h, r.n == 0 ? "no results yet" : "few results yet", a, ret,
                            err);
    else if (!propose_model(b, h, &r, a, ret))
        rc = design_propose(&b->design, h, "the model's points were all proposed before", a, ret,
                            err);
    results_done(&r);
    if (rc == 0)
        ret->cursor = b->sampler.next;
    return rc;
}

const struct strategy_type strategy_bayes = {
    .name = "bayes",
    .learns = true,
    .samples = true,
    .state_bytes = sizeof(struct bayes),
    .init = bayes_init,
    .done = bayes_done,
    .propose = bayes_propose,
};
