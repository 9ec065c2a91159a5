/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independent draws. The n-th proposal has its own stream of random numbers, so the only state is
 * the count. */
#include "base/number/rng.h"
#include "strategies/sampler.h"
#include "strategies/strategy_type.h"

struct random {
    struct sampler sampler;
    struct rng rng;
    uint64_t next;
};

static int random_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    struct random *r = state;
    return sampler_init(&r->sampler, spec, seed, err);
}

static void random_done(void *state)
{
    struct random *r = state;
    sampler_done(&r->sampler);
}

static bool next_point(void *source, double *point)
{
    struct random *r = source;
    for (size_t i = 0; i < r->sampler.dims; i++)
        point[i] = rng_unit(&r->rng);
    return true;
}

static int random_propose(void *state, const struct history *history, struct arena *a,
                          struct proposal *ret, struct err *err)
{
    (void)history;
    struct random *r = state;
    struct sampler_passed passed;
    rng_init(&r->rng, r->sampler.seed, r->next, RNG_SAMPLE);
    int rc = sampler_draw(&r->sampler, next_point, r, r->next, a, &ret->params, &passed, err);
    if (rc)
        return rc;
    ret->cursor = r->next++;
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, "random"));
    value_put(a, ret->why, "draw", value_int(a, (int64_t)ret->cursor));
    sampler_explain(&r->sampler, a, ret->why, &passed);
    return 0;
}

static void random_replay(void *state, uint64_t cursor, const struct value *params)
{
    struct random *r = state;
    sampler_note(&r->sampler, params);
    if (cursor >= r->next)
        r->next = cursor + 1;
}

static uint64_t random_total(const void *state)
{
    const struct random *s = state;
    return sampler_total(&s->sampler);
}

static void random_hurry(void *state)
{
    struct random *s = state;
    sampler_hurry(&s->sampler);
}

const struct strategy_type strategy_random = {
    .name = "random",
    .state_bytes = sizeof(struct random),
    .init = random_init,
    .done = random_done,
    .propose = random_propose,
    .replay = random_replay,
    .total = random_total,
    .hurry = random_hurry,
};
