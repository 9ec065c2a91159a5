/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model learns from the trials of a sweep that stops some of them early. */
#include "strategies/bayes/results.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "strategies/bayes/surrogate.h"
#include "tests/test.h"

static const unsigned char kinds[1] = {FEATURE_NUMBER};

struct past {
    struct arena arena;
    struct spec *spec;
    struct history history;
};

static void past_init(struct past *p, const char *more)
{
    struct diags diags;
    const struct objective_rule rule = {0};
    arena_init(&p->arena);
    diags_init(&diags, &p->arena, "test");
    const char *text = arena_printf(&p->arena,
                                    "method: bayes\nmetric: {name: loss}\n"
                                    "parameters:\n  x: {min: 0.0, max: 1.0}\n%s",
                                    more);
    p->spec = spec_read(text, strlen(text), &diags);
    if (!p->spec)
        FAIL("%s", diags.items[0].message);
    history_init(&p->history, &p->spec->space, &rule);
}

static void past_done(struct past *p)
{
    history_done(&p->history);
    spec_free(p->spec);
    arena_done(&p->arena);
}

static void past_add(struct past *p, double x, enum trial_state state, double loss,
                     uint64_t iterations)
{
    struct value *params = value_dict(&p->arena);
    value_put(&p->arena, params, "x", value_float(&p->arena, x));
    history_add(&p->history, params);
    history_set(&p->history, p->history.n - 1,
                &(struct history_fate){state, loss, iterations, 0, {0}});
}

static void check_bounds(size_t d, size_t n, size_t pending, size_t most, size_t waiting)
{
    unsigned char *numbers = mem_alloc(d);
    struct results r = {.d = d, .n = n, .pending = pending};
    struct surrogate s;
    r.x = mem_alloc((n + pending) * d * sizeof *r.x);
    r.waiting = r.x + n * d;
    r.losses = mem_alloc(n * sizeof *r.losses);
    for (size_t i = 0; i < (n + pending) * d; i++)
        r.x[i] = 0.5 + 0.5 * sin(1 + 7 * (double)i);
    for (size_t i = 0; i < n; i++)
        r.losses[i] = r.x[i * d] + (double)(i % 3);
    memset(numbers, FEATURE_NUMBER, d);
    surrogate_init(&s, d, numbers);
    surrogate_learn(&s, &r, SURROGATE_IMPROVEMENT);
    ASSERT_EQ(s.models[0].n, most);
    ASSERT_EQ(s.models[0].pending, waiting);
    /* The best result stays among the centres of the search. */
    ASSERT(s.order[0] < n && isfinite(s.acquisition.best[0]));
    surrogate_done(&s);
    mem_free(numbers);
    mem_free(r.x);
    mem_free(r.losses);
}

TEST(a_model_sees_a_bounded_number_of_points)
{
    check_bounds(2, 40, 64, 40, 64);
    check_bounds(2, 20, 900, 20, 128);
    check_bounds(250, 150, 150, 150, 102);
    check_bounds(1000, 130, 200, 102, 25);
}

TEST(a_stopped_trial_counts_at_the_iterations_that_it_reached)
{
    struct past p;
    struct results r;
    past_init(&p, "early_terminate: {type: asha, max_iter: 16}\n");
    past_add(&p, 0.1, TRIAL_FINISHED, 1, 9);
    past_add(&p, 0.2, TRIAL_RUNNING, 5, 4);
    past_add(&p, 0.3, TRIAL_FAILED, NAN, 2);
    results_init(&r, &p.history, p.spec, kinds);
    ASSERT(!r.reached); /* none was stopped */
    ASSERT(r.n == 2 && r.pending == 1 && r.running == 0);
    results_done(&r);
    past_add(&p, 0.4, TRIAL_STOPPED, 7, 2);
    past_add(&p, 0.5, TRIAL_RUNNING, NAN, 0);
    results_init(&r, &p.history, p.spec, kinds);
    ASSERT(r.n == 4 && r.pending == 2 && r.running == 1 && r.partial == 2 && r.full == 16);
    ASSERT_NEAR(r.reached[0], 1, 0);
    ASSERT_NEAR(r.reached[1], 0.5, 1e-15);
    ASSERT_NEAR(r.reached[2], 1, 0);
    ASSERT_NEAR(r.reached[3], 0.25, 1e-15);
    ASSERT_NEAR(r.losses[2], 7, 0);
    size_t ranks[4];
    results_rank_reached(&r, ranks);
    ASSERT(ranks[0] == 0 && ranks[1] == 1 && ranks[2] == 3 && ranks[3] == 2);
    results_done(&r);
    past_done(&p);
}

TEST(without_max_iter_the_longest_trial_is_a_complete_one)
{
    struct past p;
    struct results r;
    past_init(&p, "early_terminate: {type: hyperband, min_iter: 3}\n");
    past_add(&p, 0.1, TRIAL_STOPPED, 7, 3);
    results_init(&r, &p.history, p.spec, kinds);
    ASSERT(!r.reached);
    results_done(&r);
    past_add(&p, 0.2, TRIAL_FINISHED, 5, 9);
    past_add(&p, 0.3, TRIAL_STOPPED, 4, 3);
    results_init(&r, &p.history, p.spec, kinds);
    ASSERT(r.full == 9 && r.partial == 2);
    ASSERT_NEAR(r.reached[2], 0.5, 1e-15);
    size_t ranks[3];
    results_rank_reached(&r, ranks);
    ASSERT(ranks[0] == 1 && ranks[1] == 2 && ranks[2] == 0);
    results_done(&r);
    past_done(&p);
}

/* On a plateau, the search follows its latest steps. */
TEST(of_equal_results_the_latest_ranks_first)
{
    struct past p;
    struct results r;
    size_t ranks[4];
    past_init(&p, "");
    past_add(&p, 0.1, TRIAL_FINISHED, 2, 1);
    past_add(&p, 0.2, TRIAL_FINISHED, 1, 1);
    past_add(&p, 0.3, TRIAL_FINISHED, 1, 1);
    past_add(&p, 0.4, TRIAL_FINISHED, 3, 1);
    results_init(&r, &p.history, p.spec, kinds);
    results_rank_reached(&r, ranks);
    ASSERT(ranks[0] == 2 && ranks[1] == 1 && ranks[2] == 0 && ranks[3] == 3);
    results_done(&r);
    past_done(&p);
}

TEST(a_trial_that_fails_among_others_is_hardly_worse_than_they)
{
    struct past p;
    struct results r;
    past_init(&p, "");
    for (int i = 0; i < 3; i++)
        past_add(&p, 0.48 + 0.02 * i, TRIAL_FINISHED, 1, 1);
    past_add(&p, 0.9, TRIAL_FINISHED, 10, 1);
    past_add(&p, 0.51, TRIAL_FAILED, NAN, 0);
    past_add(&p, 0.1, TRIAL_FAILED, NAN, 0);
    results_init(&r, &p.history, p.spec, kinds);
    ASSERT(r.n == 6 && r.failed == 2 && !r.bad[3] && r.bad[4] && r.bad[5]);
    results_blend_failed(&r, kinds);
    ASSERT(r.losses[4] > 3 && r.losses[4] < 3.5); /* one of four failed: (10 + 3 * 1) / 4 */
    ASSERT(r.losses[5] > 9.9 && r.losses[5] <= 10);
    results_done(&r);
    past_add(&p, 0.12, TRIAL_FINISHED, 1e308, 1);
    past_add(&p, 0.11, TRIAL_FINISHED, 1e308, 1);
    results_init(&r, &p.history, p.spec, kinds);
    results_blend_failed(&r, kinds);
    ASSERT(isfinite(r.losses[5]));
    results_drop_failed(&r);
    ASSERT(r.n == 6 && r.failed == 0 && r.trials[4] == 6);
    ASSERT_NEAR(r.x[4], 0.12, 1e-15);
    ASSERT_NEAR(r.losses[3], 10, 0);
    results_done(&r);
    past_done(&p);
}

/* All losses fall by 1 on the way; the best trials are stopped at the beginning, and their losses
 * there are higher than those of the finished ones. */
TEST(the_model_predicts_what_a_stopped_trial_would_have_come_to)
{
    struct past p;
    struct results r;
    struct surrogate s;
    double mean[2], sd, at[2] = {0.1, 0.9};
    past_init(&p, "early_terminate: {type: asha, max_iter: 16}\n");
    for (int i = 0; i <= 20; i++) {
        double x = i / 20.0;
        bool early = i % 2;
        past_add(&p, x, early ? TRIAL_STOPPED : TRIAL_FINISHED, x + early, early ? 1 : 16);
    }
    results_init(&r, &p.history, p.spec, kinds);
    surrogate_init(&s, 1, kinds);
    surrogate_learn(&s, &r, SURROGATE_BY_TURNS);
    for (int i = 0; i < 2; i++) {
        surrogate_predict(&s, &at[i], &mean[i], &sd);
        ASSERT_NEAR(warp_invert(&s.warp, mean[i]), at[i], 0.1);
    }
    double x = 0.05; /* stopped */
    surrogate_predict(&s, &x, &mean[0], &sd);
    ASSERT_NEAR(warp_invert(&s.warp, mean[0]), x, 0.1);
    surrogate_done(&s);
    results_done(&r);
    past_done(&p);
}

/* The same losses with their noise, and without: all low ones lie in a flat valley. */
TEST(low_losses_are_stretched_only_without_noise)
{
    for (int noisy = 0; noisy < 2; noisy++) {
        struct past p;
        struct results r;
        struct surrogate s;
        struct rng rng;
        past_init(&p, "");
        rng_init(&rng, 1, 0, RNG_TEST);
        for (int i = 0; i <= 40; i++) {
            double x = i / 40.0;
            past_add(&p, x, TRIAL_FINISHED, exp(4 * x) + noisy * 3 * rng_normal(&rng), 1);
        }
        results_init(&r, &p.history, p.spec, kinds);
        surrogate_init(&s, 1, kinds);
        for (int choice = 0; choice < 3; choice++) {
            surrogate_learn(&s, &r, (enum surrogate_choice)choice);
            ASSERT(s.noisy == noisy && (s.warp.lambda >= 1) == noisy);
            /* 41 results: by turns, it would be the bound's without noise too. */
            ASSERT(s.acquisition.bound == (choice != SURROGATE_IMPROVEMENT));
        }
        past_add(&p, 0.51, TRIAL_FINISHED, exp(4 * 0.51), 1);
        results_done(&r);
        results_init(&r, &p.history, p.spec, kinds);
        surrogate_learn(&s, &r, SURROGATE_BY_TURNS);
        ASSERT(s.acquisition.bound == noisy);
        surrogate_done(&s);
        results_done(&r);
        past_done(&p);
    }
}
