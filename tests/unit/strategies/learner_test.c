/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strategy that learns, made for this test: its next point is a digest of all that it was told. */
#include "base/number/rng.h"
#include "strategies/strategy.h"
#include "tests/spaces.h"

struct learner {
    const struct spec *spec;
    uint64_t seed, made;
};

static int learner_init(void *state, const struct spec *spec, uint64_t seed, struct err *err)
{
    (void)err;
    *(struct learner *)state = (struct learner){.spec = spec, .seed = seed};
    return 0;
}

static void learner_done(void *state)
{
    (void)state;
}

static uint64_t digest(uint64_t h, const void *bytes, size_t n)
{
    for (const unsigned char *at = bytes; n-- > 0; at++)
        h = (h ^ *at) * 1099511628211u;
    return h;
}

static int learner_propose(void *state, const struct history *h, struct arena *a,
                           struct proposal *ret, struct err *err)
{
    struct learner *l = state;
    struct rng r;
    (void)err;
    ASSERT_EQ(h->n, l->made);
    uint64_t told = digest(l->seed, h->points, h->n * h->dims * sizeof *h->points);
    told = digest(told, h->states, h->n);
    for (size_t i = 0; i < h->n; i++)
        if (!isnan(h->objectives[i]))
            told = digest(told, &h->objectives[i], sizeof h->objectives[i]);
    told = digest(told, h->iterations, h->n * sizeof *h->iterations);
    told = digest(told, h->costs, h->n * sizeof *h->costs);
    rng_init(&r, told, l->made, RNG_SAMPLE);
    struct value *v = space_ppf(a, &l->spec->space.parameters[0], rng_unit(&r));
    *ret = (struct proposal){l->made, space_nest(a, &l->spec->space, &v), value_dict(a)};
    return 0;
}

static void learner_replay(void *state, uint64_t cursor, const struct value *params)
{
    (void)params;
    ((struct learner *)state)->made = cursor + 1;
}

static uint64_t learner_total(const void *state)
{
    (void)state;
    return 0;
}

static const struct strategy_type learner = {.name = "learner",
                                             .learns = true,
                                             .state_bytes = sizeof(struct learner),
                                             .init = learner_init,
                                             .done = learner_done,
                                             .propose = learner_propose,
                                             .replay = learner_replay,
                                             .total = learner_total};

static struct strategy *start(const struct spec *spec)
{
    struct strategy *s;
    struct err err = {0};
    ASSERT_EQ(strategy_new_of(&learner, spec, 3, &s, &err), 0);
    return s;
}

/* A strategy makes the same proposal from each change in turn and from the final states alone. */
TEST(a_strategy_that_learns_resumes_from_rows)
{
    enum { TRIALS = 30 };
    struct spaces_spec s;
    struct proposal made[TRIALS], expected = {0}, other;
    struct history_fate fates[TRIALS];
    struct err err = {0};
    struct rng r;
    spaces_init(&s, SPEC_RANDOM);
    spaces_range(&s, "x", SPACE_UNIFORM, 0, 1);
    struct strategy *live = start(&s.spec);
    rng_init(&r, 5, 0, RNG_TEST);
    for (uint64_t i = 0; i < TRIALS; i++) {
        ASSERT_EQ(strategy_propose(live, &s.arena, &made[i], &err), 0);
        ASSERT(i == 0 || value_same(made[i].params, expected.params));
        fates[i] = (struct history_fate){.state = TRIAL_PENDING, .objective = NAN};
        for (int event = 0; event < 5; event++) {
            uint64_t trial = rng_below(&r, i + 1);
            bool end = rng_below(&r, 2);
            fates[trial] = (struct history_fate){end ? TRIAL_FINISHED : TRIAL_RUNNING,
                                                 rng_unit(&r),
                                                 rng_below(&r, 9),
                                                 end ? 2.5 : 0,
                                                 {0}};
            strategy_report(live, trial, &fates[trial]);
        }
        struct strategy *again = start(&s.spec), *unaware = start(&s.spec);
        for (uint64_t k = 0; k <= i; k++) {
            strategy_replay(again, made[k].cursor, made[k].params);
            strategy_replay(unaware, made[k].cursor, made[k].params);
        }
        for (uint64_t k = i + 1; k-- > 0;)
            strategy_report(again, k, &fates[k]);
        ASSERT_EQ(strategy_propose(again, &s.arena, &expected, &err), 0);
        ASSERT_EQ(strategy_propose(unaware, &s.arena, &other, &err), 0);
        ASSERT(!value_same(expected.params, other.params));
        strategy_free(again);
        strategy_free(unaware);
    }
    strategy_free(live);
    spaces_done(&s);
}

TEST(methods_that_use_results_learn)
{
    ASSERT(!strategy_learns(SPEC_GRID) && !strategy_learns(SPEC_RANDOM));
    ASSERT(!strategy_learns(SPEC_SOBOL) && strategy_learns(SPEC_BAYES));
}
