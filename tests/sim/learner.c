/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/learner.h"

#include "base/number/rng.h"
#include "strategies/sampler.h"

struct learner {
    struct sampler sampler;
    struct rng rng;
};

static bool learner_next_point(void *source, double *point)
{
    struct learner *l = source;
    for (size_t i = 0; i < l->sampler.dims; i++)
        point[i] = rng_unit(&l->rng);
    return true;
}

static uint64_t learner_hash(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u; /* FNV-1a */
    return hash;
}

static uint64_t learner_hash_history(const struct history *h)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < h->n; i++) {
        /* Any two NaNs are the same answer: none. */
        double objective = h->objectives[i] == h->objectives[i] ? h->objectives[i] : -1;
        hash = learner_hash(hash, h->points + i * h->dims, h->dims * sizeof *h->points);
        hash = learner_hash(hash, &h->states[i], sizeof h->states[i]);
        hash = learner_hash(hash, &objective, sizeof objective);
        hash = learner_hash(hash, &h->iterations[i], sizeof h->iterations[i]);
        hash = learner_hash(hash, &h->costs[i], sizeof h->costs[i]);
    }
    return hash;
}

static int learner_propose(void *state, const struct history *history, struct arena *a,
                           struct proposal *ret, struct err *err)
{
    struct learner *l = state;
    struct sampler_passed passed;
    uint64_t hash = learner_hash_history(history);
    rng_init(&l->rng, l->sampler.seed ^ hash, l->sampler.next, RNG_SAMPLE);
    int rc = sampler_draw(&l->sampler, learner_next_point, l, l->sampler.next, a, &ret->params,
                          &passed, err);
    if (rc)
        return rc;
    ret->cursor = l->sampler.next;
    ret->why = value_dict(a);
    value_put(a, ret->why, "strategy", value_str(a, "learner"));
    value_put(a, ret->why, "trials", value_int(a, (int64_t)history->n));
    value_put(a, ret->why, "hash", value_int(a, (int64_t)(hash >> 12)));
    sampler_explain(&l->sampler, a, ret->why, &passed);
    return 0;
}

const struct strategy_type strategy_learner = {
    .name = "learner",
    .learns = true,
    .samples = true,
    .state_bytes = sizeof(struct learner),
    .propose = learner_propose,
};
