/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which trial a noisy sweep recommends, and with which probability. */
#include "strategies/bayes/recommend.h"

#include <math.h>

#include "base/number/rng.h"
#include "language/spec_read.h"
#include "tests/test.h"

struct past {
    struct arena arena;
    struct spec *spec;
    struct history history;
};

static void past_init(struct past *p, const char *goal)
{
    struct diags diags;
    arena_init(&p->arena);
    diags_init(&diags, &p->arena, "test");
    const char *text = arena_printf(&p->arena,
                                    "method: random\nmetric: {name: loss, goal: %s}\n"
                                    "parameters:\n  x: {min: 0.0, max: 1.0}\n",
                                    goal);
    p->spec = spec_read(text, strlen(text), &diags);
    if (!p->spec)
        FAIL("%s", diags.items[0].message);
    const struct objective_rule rule = spec_objective_rule(p->spec);
    history_init(&p->history, &p->spec->space, &rule);
}

static void past_done(struct past *p)
{
    history_done(&p->history);
    spec_free(p->spec);
    arena_done(&p->arena);
}

static void past_add(struct past *p, double x, enum trial_state state, double value)
{
    struct value *params = value_dict(&p->arena);
    value_put(&p->arena, params, "x", value_float(&p->arena, x));
    history_add(&p->history, params);
    history_set(&p->history, p->history.n - 1, &(struct history_fate){state, value, 1, 0, {0}});
}

TEST(nothing_is_recommended_of_few_results_or_without_noise)
{
    struct past p;
    struct recommend r;
    past_init(&p, "minimize");
    recommend_trials(&p.history, p.spec, 1, &r);
    ASSERT(r.n == 0);
    for (int i = 0; i < 40; i++) {
        double x = i / 39.0;
        past_add(&p, x, TRIAL_FINISHED, (x - 0.3) * (x - 0.3));
        if (i == 6)
            recommend_trials(&p.history, p.spec, 1, &r);
        ASSERT(r.n == 0);
    }
    recommend_trials(&p.history, p.spec, 1, &r);
    ASSERT(r.n == 0 && r.results == 40 && isnan(r.noise));
    past_done(&p);
}

/* A trial far from the minimum was lucky. */
TEST(luck_is_not_recommended)
{
    static const char *const goals[] = {"minimize", "maximize"};
    for (int g = 0; g < 2; g++) {
        struct past p;
        struct recommend r, again;
        struct rng rng;
        double sum = 0, sign = g == 0 ? 1 : -1;
        rng_init(&rng, 3, 0, RNG_TEST);
        past_init(&p, goals[g]);
        for (int i = 0; i < 40; i++) {
            double x = i / 39.0, y = 4 * (x - 0.3) * (x - 0.3) + 0.1 * rng_normal(&rng);
            past_add(&p, x, TRIAL_FINISHED, sign * (i == 33 ? -0.3 : y));
        }
        past_add(&p, 0.31, TRIAL_RUNNING, -sign);
        past_add(&p, 0.33, TRIAL_FAILED, NAN);
        recommend_trials(&p.history, p.spec, 1, &r);
        recommend_trials(&p.history, p.spec, 1, &again);
        ASSERT(r.n == RECOMMEND_TOP);
        ASSERT_EQ(r.observed.trial, 33);
        ASSERT(r.top[0].trial >= 6 && r.top[0].trial <= 18);
        ASSERT(r.top[0].low <= r.top[0].expected && r.top[0].expected <= r.top[0].high);
        ASSERT(fabs(r.top[0].expected) < 0.2);
        ASSERT_EQ(r.results, 40);
        ASSERT(r.observed.chance < 0.1 && r.top[0].chance > r.observed.chance);
        for (size_t i = 0; i < r.n; i++) {
            sum += r.top[i].chance;
            ASSERT(r.top[i].chance == again.top[i].chance);
        }
        ASSERT(sum <= 1 + 1e-9);
        past_done(&p);
    }
}

TEST(equal_configurations_count_as_one)
{
    struct past p;
    struct recommend r;
    struct rng rng;
    rng_init(&rng, 5, 0, RNG_TEST);
    past_init(&p, "minimize");
    for (int i = 0; i < 24; i++) {
        double x = i % 3 / 2.0;
        past_add(&p, x, TRIAL_FINISHED, x + 0.3 * rng_normal(&rng));
    }
    recommend_trials(&p.history, p.spec, 1, &r);
    ASSERT(r.n == 3);
    ASSERT_NEAR(r.top[0].chance + r.top[1].chance + r.top[2].chance, 1, 1e-9);
    ASSERT(r.top[0].trial % 3 == 0 && r.top[0].chance > 0.8);
    ASSERT(r.noise > 0.2 && r.noise < 0.45);
    past_done(&p);
}

/* A tie is no preference: the first two are of real sweeps. */
TEST(another_trial_is_preferred_only_if_it_is_clearly_more_likely_the_best)
{
    static const struct {
        double top, low, high, observed, deviation; /* expected */
        double top_chance, observed_chance;
        enum recommend_verdict verdict;
    } cases[] = {{0.1949, 0.19, 0.20, 0.1956, 0.01, 0.05, 0.02, RECOMMEND_TIE},
                 {0.11, 0.10, 0.12, 0.13, 0.01, 0.005, 0.001, RECOMMEND_OPEN},
                 {0.11, 0.10, 0.12, 0.115, 0.01, 0.34, 0.0, RECOMMEND_LUCK},
                 {0.11, 0.10, 0.12, 0.115, 0.01, 0.10, 0.05, RECOMMEND_LUCK},
                 {0.11, 0.10, 0.12, 0.115, 0.01, 0.099, 0.0, RECOMMEND_TIE},
                 {0.11, 0.10, 0.12, 0.115, 0.01, 0.34, 0.18, RECOMMEND_TIE},
                 {0.11, 0.10, 0.12, 0.138, 0.01, 0.005, 0.001, RECOMMEND_OPEN},
                 {0.11, 0.10, 0.12, 0.139, 0.01, 0.005, 0.001, RECOMMEND_LUCK}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct recommend r = {
            .n = 2,
            .top = {{7, cases[i].top, cases[i].low, cases[i].high, cases[i].top_chance}},
            .observed = {3, cases[i].observed, cases[i].observed - cases[i].deviation,
                         cases[i].observed + cases[i].deviation, cases[i].observed_chance}};
        ASSERT_EQ(recommend_verdict(&r), cases[i].verdict);
        r.observed.trial = 7;
        ASSERT_EQ(recommend_verdict(&r), RECOMMEND_BEST);
        r.n = 0;
        ASSERT_EQ(recommend_verdict(&r), RECOMMEND_UNKNOWN);
    }
}

/* Of many trials near the minimum none has much of P(best), and yet a lucky one that is far away is luck. */
TEST(luck_is_told_where_near_neighbours_share_the_probability)
{
    struct past p;
    struct recommend r;
    struct rng rng;
    rng_init(&rng, 4, 0, RNG_TEST);
    past_init(&p, "minimize");
    for (int i = 0; i < 200; i++) {
        double x = i / 199.0, y = 3 * (x - 0.3) * (x - 0.3) + 0.3 * rng_normal(&rng);
        past_add(&p, x, TRIAL_FINISHED, i == 180 ? -1 : y);
    }
    recommend_trials(&p.history, p.spec, 1, &r);
    ASSERT(r.observed.trial == 180 && r.top[0].chance < 0.1);
    ASSERT_EQ(recommend_verdict(&r), RECOMMEND_LUCK);
    past_done(&p);
}

/* Of simulated sweeps, the recommended trial is the best as often as it claims; the standard error is 0.035. */
TEST(the_probability_is_calibrated)
{
    enum { SWEEPS = 200, TRIALS = 12 };
    double claimed = 0, right = 0, n = 0;
    for (uint64_t sweep = 0; sweep < SWEEPS; sweep++) {
        struct past p;
        struct recommend r;
        struct rng rng;
        double truth[TRIALS];
        size_t best = 0;
        rng_init(&rng, 11, sweep, RNG_TEST);
        double middle = rng_unit(&rng), phase = 6 * rng_unit(&rng), wave = 0.3 * rng_unit(&rng);
        past_init(&p, "minimize");
        for (size_t i = 0; i < TRIALS; i++) {
            double x = rng_unit(&rng);
            truth[i] = 3 * (x - middle) * (x - middle) + wave * sin(9 * x + phase);
            past_add(&p, x, TRIAL_FINISHED, truth[i] + 0.15 * rng_normal(&rng));
            best = truth[i] < truth[best] ? i : best;
        }
        recommend_trials(&p.history, p.spec, sweep, &r);
        if (r.n > 0) {
            n++;
            claimed += r.top[0].chance;
            right += r.top[0].trial == best;
        }
        past_done(&p);
    }
    ASSERT(n > SWEEPS / 2);
    ASSERT(fabs(claimed / n - right / n) < 0.08);
}
