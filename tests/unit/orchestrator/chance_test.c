/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chance of a new best, and what came of earlier forecasts. */
#include "orchestrator/view/pace/chance.h"

#include <math.h>
#include <stdlib.h>

#include "base/number/rng.h"
#include "tests/test.h"

static struct chance_past past_of(const double *values, size_t n, bool maximize)
{
    struct chance_past past = {0};
    for (size_t i = 0; i < n; i++)
        chance_past_add(&past, maximize, values[i]);
    return past;
}

TEST(chance_of_trials_drawn_alike_is_exact)
{
    struct chance_past past = {.results = 54, .n = 1};
    struct chance c;
    struct arena a;
    arena_init(&a);
    ASSERT(chance_find(&past, true, 0, 60, &c));
    ASSERT_EQ(c.percent, 27);
    ASSERT_STR(chance_text(&a, &c), "next 20 trials: 27 % for a new best");
    ASSERT(!chance_record(&a, &c));
    ASSERT(chance_find(&past, true, 61, 60, &c)); /* never of more than are left */
    ASSERT_STR(chance_text(&a, &c), "next trial: 2 % for a new best");
    ASSERT(!chance_find(&past, true, 60, 60, &c));
    past.results = 2;
    ASSERT(!chance_find(&past, true, 0, 2, &c)); /* too few */
    past = (struct chance_past){.results = 54};
    ASSERT(!chance_find(&past, true, 0, 54, &c)); /* none has a value */
    arena_done(&a);
}

TEST(chance_counts_results_and_new_bests)
{
    const double values[] = {NAN, 3, 3, -INFINITY, 2, 4, 1};
    struct chance_past past = past_of(values, 7, false);
    ASSERT_EQ(past.results, 7);
    ASSERT_EQ(past.n, 3);
    ASSERT(past.bests[0] == 2 && past.bests[1] == 5 && past.bests[2] == 7);
    chance_past_done(&past);
    past = past_of(values, 7, true);
    ASSERT_EQ(past.n, 2);
    ASSERT(past.bests[1] == 6);
    chance_past_done(&past);
}

TEST(chance_with_a_poor_record_says_so)
{
    struct chance c = {.forecasts = 20, .held = 10};
    struct arena a;
    arena_init(&a);
    ASSERT_STR(chance_brief(&a, &c), "10 of 20 held, no better than a guess");
    ASSERT_STR(chance_record(&a, &c), "10 of its last 20 forecasts held, no better than a guess");
    c.held = 11;
    ASSERT_STR(chance_brief(&a, &c), "11 of 20 held");
    c = (struct chance){.forecasts = 4, .held = 0};
    ASSERT_STR(chance_brief(&a, &c), "0 of 4 held");
    arena_done(&a);
}

/* A new best with each of 60 results, or none after the tenth. */
TEST(chance_of_a_method_that_learns_follows_its_new_bests)
{
    double values[60];
    struct chance c;
    struct arena a;
    arena_init(&a);
    for (int i = 0; i < 60; i++)
        values[i] = -i;
    struct chance_past past = past_of(values, 60, false);
    ASSERT(chance_find(&past, false, 100, 60, &c));
    ASSERT(c.percent >= 98);
    ASSERT_STR(chance_record(&a, &c), "7 of its last 7 forecasts held");
    chance_past_done(&past);
    for (int i = 10; i < 60; i++)
        values[i] = 0;
    past = past_of(values, 60, false);
    ASSERT(chance_find(&past, false, 100, 60, &c));
    ASSERT(c.percent > 3 && c.percent < 20);
    ASSERT_EQ(c.forecasts, 7);
    ASSERT_EQ(c.held, 5); /* those after 10 and 15 results said more than 50 % */
    ASSERT(chance_find(&past, false, 61, 60, &c));
    ASSERT_EQ(c.forecasts, CHANCE_FORECASTS_MAX); /* of one trial each */
    ASSERT_EQ(c.held, CHANCE_FORECASTS_MAX);
    chance_past_done(&past);
    past = past_of(values, 12, false);
    ASSERT(chance_find(&past, false, 0, 12, &c));
    ASSERT_STR(chance_record(&a, &c), "no earlier forecast to judge by");
    chance_past_done(&past);
    past = past_of(values, 9, false);
    ASSERT(!chance_find(&past, false, 0, 9, &c));
    chance_past_done(&past);
    arena_done(&a);
}

/* How likely result t is a new best. */
static double alike(double t)
{
    return 1 / t;
}
static double learning(double t)
{
    return fmin(1, 4 / t);
}
static double slowing(double t)
{
    return 0.5 / sqrt(t);
}
static double steady(double t)
{
    (void)t;
    return 0.05;
}

struct said {
    double n, said, came;
};

static void said_add(struct said *s, const struct chance *c, bool came)
{
    s->n++;
    s->said += c->percent / 100.0;
    s->came += came;
}

/* A sweep of 40 to 200 results, in which result t is a new best with this probability: what is forecast, and whether a
 * new best came. */
static bool history_forecast(double (*rate)(double t), struct rng *rng, struct chance *ret)
{
    struct chance_past past = {0};
    uint64_t results = 40 + rng_below(rng, 160);
    double value = 0;
    bool came = false;
    for (uint64_t t = 1; t <= results; t++) {
        bool best = t == 1 || rng_unit(rng) < rate((double)t);
        value -= best;
        chance_past_add(&past, false, best ? value : 1);
    }
    for (uint64_t t = results + 1; t <= results + CHANCE_NEXT; t++)
        came |= rng_unit(rng) < rate((double)t);
    ASSERT(chance_find(&past, false, 0, results, ret));
    chance_past_done(&past);
    return came;
}

/* On average new bests come about as often as is said. Where the rate is a/t, as the rule takes it, so they do where it
 * says more than 50 %, and less. Steady progress is underestimated. */
TEST(chance_of_simulated_histories_is_calibrated)
{
    static const struct {
        double (*rate)(double t);
        double off;
    } kinds[] = {{alike, 0.1}, {learning, 0.1}, {slowing, 0.15}, {steady, 0.2}};
    enum { SWEEPS = 400 };
    struct said halves[2] = {{0}};
    for (size_t kind = 0; kind < 4; kind++) {
        struct said all = {0};
        for (uint64_t sweep = 0; sweep < SWEEPS; sweep++) {
            struct rng rng;
            struct chance c;
            rng_init(&rng, 5, sweep, RNG_TEST);
            bool came = history_forecast(kinds[kind].rate, &rng, &c);
            said_add(&all, &c, came);
            if (kind < 2)
                said_add(&halves[c.percent >= 50], &c, came);
        }
        ASSERT(fabs(all.said - all.came) / all.n < kinds[kind].off);
    }
    for (int half = 0; half < 2; half++) {
        ASSERT(halves[half].n > 100);
        ASSERT(fabs(halves[half].said - halves[half].came) / halves[half].n < 0.1);
    }
}
