/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/design.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/dist.h"

#define SPREAD 0.2
enum { DRAWS = 100 }; /* of random points, until one is new */

void design_init(struct design *d, const char *strategy, const struct terrain *t)
{
    *d = (struct design){.strategy = strategy, .terrain = t};
    cube_init(&d->cube, t->d, t->sampler->seed);
    d->last = mem_alloc(t->d * sizeof *d->last);
}

void design_done(struct design *d)
{
    cube_done(&d->cube);
    mem_free(d->last);
}

struct value *design_explain(struct arena *a, const char *strategy, const char *phase)
{
    struct value *why = value_dict(a);
    value_put(a, why, "strategy", value_str(a, strategy));
    value_put(a, why, "phase", value_str(a, phase));
    return why;
}

static bool random_point(void *source, double *point)
{
    struct design *d = source;
    for (size_t j = 0; j < d->terrain->d; j++)
        point[j] = rng_unit(&d->rng);
    return true;
}

/* k never falls, but the same point can be wanted again: its proposal was not used. */
static bool design_point(struct design *d, uint64_t k, double *raw)
{
    if (k > 0 && d->cube.next < k)
        cube_skip_past(&d->cube, k - 1);
    if (d->cube.next == k && !cube_next(&d->cube, d->last))
        return false;
    for (size_t j = 0; j < d->terrain->d; j++) {
        raw[j] = d->last[j];
        if (d->terrain->kinds[j] != FEATURE_CATEGORY)
            raw[j] = k == 0 ? 0.5 : fmin(fmax(0.5 + SPREAD * dist_normal_quantile(raw[j]), 0), 1);
    }
    return true;
}

/* Whether nobody has said that points may be equal, and the sampler does not look. */
static bool repeats_unseen(const struct sampler *s)
{
    return !s->unique && s->spec->unique == SPEC_UNIQUE_DEFAULT;
}

/* Whether x was proposed before, and the sampler does not look: a point of steps alone, in a space
 * with more. Most draws of a q_normal are the same few, and where a parameter with a range does not
 * exist, the others can be equal. */
static bool is_repeated(const struct terrain *t, const struct history *h, const double *x)
{
    if (!repeats_unseen(t->sampler))
        return false;
    for (size_t j = 0; j < t->d; j++)
        if (t->levels[j] == 0 && !isnan(x[j]))
            return false;
    return !terrain_is_new(t, h->points, h->n, x);
}

static bool take_new(struct design *d, const struct history *h, double *raw, double *x,
                     struct arena *a, struct proposal *ret)
{
    return terrain_settle(d->terrain, raw, x) && !is_repeated(d->terrain, h, x) &&
           sampler_take(d->terrain->sampler, raw, a, &ret->params);
}

/* Takes one of a few random points where the sampler would repeat one; false if none is new. */
static bool take_new_random(struct design *d, const struct history *h, double *raw, double *x,
                            struct arena *a, struct proposal *ret)
{
    for (int draw = 0; repeats_unseen(d->terrain->sampler) && draw < DRAWS; draw++)
        if (random_point(d, raw) && take_new(d, h, raw, x, a, ret))
            return true;
    return false;
}

int design_propose(struct design *d, const struct history *h, const char *reason, struct arena *a,
                   struct proposal *ret, struct err *err)
{
    struct sampler *s = d->terrain->sampler;
    struct sampler_passed passed = {0};
    double *raw = mem_alloc(2 * d->terrain->d * sizeof *raw), *x = raw + d->terrain->d;
    bool taken = design_point(d, h->n - h->foreign, raw) && take_new(d, h, raw, x, a, ret);
    rng_init(&d->rng, s->seed, h->n, RNG_SAMPLE);
    int rc = 0;
    if (!taken && !take_new_random(d, h, raw, x, a, ret))
        rc = sampler_draw(s, random_point, d, h->n, a, &ret->params, &passed, err);
    mem_free(raw);
    if (rc == 0) {
        ret->why = design_explain(a, d->strategy, taken ? "design" : "random");
        value_put(a, ret->why, "reason", value_str(a, reason));
        sampler_explain(s, a, ret->why, &passed);
    }
    return rc;
}
