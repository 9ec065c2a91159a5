/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Independent draws. The n-th proposal has its own stream of random numbers, so the only state is
 * the count. */
#include "base/number/rng.h"
#include "strategies/sampler.h"
#include "strategies/strategy_type.h"

struct random {
    struct sampler sampler;
    struct rng rng;
};

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
    rng_init(&r->rng, r->sampler.seed, r->sampler.next, RNG_SAMPLE);
    int rc =
        sampler_draw(&r->sampler, next_point, r, r->sampler.next, a, &ret->params, &passed, err);
    if (rc)
        return rc;
    ret->cursor = r->sampler.next;
    sampler_keep(&r->sampler, ret->cursor);
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, "random"));
    value_put(a, ret->why, "draw", value_int(a, (int64_t)ret->cursor));
    sampler_explain(&r->sampler, a, ret->why, &passed);
    return 0;
}

const struct strategy_type strategy_random = {
    .name = "random",
    .samples = true,
    .state_bytes = sizeof(struct random),
    .propose = random_propose,
};
