/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/bayes/design.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/dist.h"

#define SPREAD 0.2

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

int design_propose(struct design *d, const struct history *h, const char *reason, struct arena *a,
                   struct proposal *ret, struct err *err)
{
    struct sampler *s = d->terrain->sampler;
    struct sampler_passed passed = {0};
    double *raw = mem_alloc(2 * d->terrain->d * sizeof *raw), *x = raw + d->terrain->d;
    bool taken = design_point(d, h->n - h->foreign, raw) && terrain_settle(d->terrain, raw, x) &&
                 sampler_take(s, raw, a, &ret->params);
    mem_free(raw);
    rng_init(&d->rng, s->seed, h->n, RNG_SAMPLE);
    int rc = taken ? 0 : sampler_draw(s, random_point, d, h->n, a, &ret->params, &passed, err);
    if (rc == 0) {
        ret->why = design_explain(a, d->strategy, taken ? "design" : "random");
        value_put(a, ret->why, "reason", value_str(a, reason));
        sampler_explain(s, a, ret->why, &passed);
    }
    return rc;
}
