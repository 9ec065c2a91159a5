/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/stopper.h"

#include "base/number/rng.h"
#include "tests/spaces.h"

static struct spec asha(bool maximize, double eta, const int64_t *bands, size_t n)
{
    return (struct spec){
        .metric = {.name = "loss", .maximize = maximize},
        .early_terminate = {
            .on = true, .type = SPEC_STOPPER_ASHA, .eta = eta, .bands = bands, .bands_n = n}};
}

static const int64_t doubling[] = {1, 2, 4, 8};

TEST(ranking_is_sorted)
{
    enum { VALUES = 6000 };
    static double all[VALUES];
    struct ranking r;
    struct rng rng;
    ranking_init(&r);
    rng_init(&rng, 1, 0, RNG_TEST);
    ASSERT_EQ(ranking_below(&r, 0), 0);
    for (size_t n = 0; n < VALUES; n++) {
        /* Some values many times over, so that equal ones lie across blocks. */
        double value = n % 3 ? (double)rng_below(&rng, 4) : rng_unit(&rng) * 4;
        size_t at = n;
        for (; at > 0 && all[at - 1] > value; at--)
            all[at] = all[at - 1];
        all[at] = value;
        ranking_add(&r, value);
        ASSERT_EQ(r.n, n + 1);
        if (n % 97 != 0 && n != VALUES - 1)
            continue;
        for (size_t k = 0; k <= n; k += 1 + n / 50) {
            size_t below = k;
            while (below > 0 && all[below - 1] == all[k])
                below--;
            ASSERT(ranking_at(&r, k) == all[k]);
            ASSERT_EQ(ranking_below(&r, all[k]), below);
        }
        ASSERT_EQ(ranking_below(&r, -1), 0);
        ASSERT_EQ(ranking_below(&r, 9), n + 1);
    }
    ranking_done(&r);
}

TEST(asha_lets_the_best_part_of_a_rung_continue)
{
    struct spec spec = asha(false, 2, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    ASSERT(!stopper_judge(s, 0, 0, &why)); /* nothing is known of it */
    stopper_report(s, 0, 1, 5, 5);
    ASSERT(!stopper_judge(s, 0, 0, &why)); /* the first at a rung continues */
    stopper_report(s, 1, 1, 3, 3);
    ASSERT(!stopper_judge(s, 1, 0, &why));
    /* Between rungs, and where its report had no value: others have overtaken it. */
    ASSERT(stopper_judge(s, 0, 0, &why));
    ASSERT_STR(why.stopper, "asha");
    ASSERT(why.rung == 1 && why.value == 5 && why.threshold == 3);
    ASSERT(why.rank == 2 && why.of == 2);
    stopper_report(s, 2, 1, 3, 3);
    ASSERT(!stopper_judge(s, 2, 0, &why)); /* as good as the worst that stays */
    stopper_report(s, 0, 2, 1, 1);
    ASSERT(!stopper_judge(s, 0, 0, &why)); /* it is judged at the highest rung it has reached */
    stopper_report(s, 0, 3, 99, 99);
    ASSERT(!stopper_judge(s, 0, 0, &why));
    stopper_free(s);
}

/* As Optuna does at a rung; and one such value is not enough. */
TEST(a_trial_that_stays_nan_is_stopped)
{
    struct spec spec = asha(false, 2, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    struct objective none = {0}, every = {.iterations = 4, .iteration_step = 3},
                     tenth = {.iterations = 4, .iteration_step = 39};
    ASSERT(!stopper_lost(s, &every, NAN, 9, 9, &why)); /* nan: keep */
    spec.early_terminate.stop_nan = true;
    ASSERT(!stopper_lost(s, &every, 0.5, 9, 9, &why));
    ASSERT(!stopper_lost(s, &every, NAN, 5, 6, &why));
    ASSERT(stopper_lost(s, &every, NAN, 6, 7, &why));
    ASSERT(stopper_lost(s, &every, -INFINITY, 6, 7, &why));
    ASSERT_STR(why.stopper, "asha");
    ASSERT(why.lost && why.rung == 4 && why.last_step == 3);
    ASSERT(!stopper_lost(s, &tenth, NAN, 68, 69, &why)); /* it measures at each tenth step */
    ASSERT(stopper_lost(s, &tenth, NAN, 69, 70, &why));
    ASSERT(!stopper_lost(s, &every, NAN, 1, 20, &why)); /* begun again, from an earlier step */
    ASSERT(!stopper_lost(s, &none, NAN, 500, 2, &why));
    ASSERT(stopper_lost(s, &none, NAN, 500, 3, &why));
    stopper_free(s);
}

TEST(asha_maximizes)
{
    struct spec spec = asha(true, 3, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    static const double values[] = {-1, 0, 0.5, 0.25, -0.0};
    for (uint64_t i = 0; i < 5; i++)
        stopper_report(s, i, 1, values[i], values[i]);
    ASSERT(!stopper_judge(s, 2, 0, &why));
    ASSERT(stopper_judge(s, 3, 0, &why) && why.threshold == 0.5 && why.rank == 2 && why.of == 5);
    ASSERT(stopper_judge(s, 1, 0, &why) && why.rank == 3);
    ASSERT(stopper_judge(s, 4, 0, &why) && why.rank == 3); /* zeros are equal */
    stopper_free(s);
}

TEST(a_trial_that_ended_is_still_compared_with)
{
    struct spec spec = asha(false, 2, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    stopper_report(s, 0, 1, 1, 1);
    stopper_forget(s, 0);
    stopper_forget(s, 7);
    ASSERT(!stopper_judge(s, 0, 0, &why));
    stopper_report(s, 1, 1, 2, 2);
    ASSERT(stopper_judge(s, 1, 0, &why) && why.of == 2);
    stopper_free(s);
}

TEST(bands_that_repeat_are_one_rung)
{
    static const int64_t bands[] = {1, 1, 2, 3, 3};
    struct spec spec = asha(false, 1.2, bands, 5);
    struct stopper *s = stopper_new(&spec);
    uint64_t iteration;
    const struct rungs_mark *mark;
    for (uint64_t i = 1; i <= 9; i++)
        stopper_report(s, 0, i, (double)i, (double)i);
    for (size_t i = 0; i < 3; i++) {
        ASSERT(mark = stopper_rung(s, 0, i, &iteration));
        ASSERT(iteration == i + 1 && mark->value == (double)(i + 1));
    }
    ASSERT(!stopper_rung(s, 0, 3, &iteration));
    ASSERT(!stopper_rung(s, 1, 0, &iteration));
    stopper_free(s);
}

TEST(no_stopper_where_none_is_named)
{
    struct spec spec = asha(false, 2, doubling, 4);
    spec.early_terminate.on = false;
    ASSERT(!stopper_new(&spec));
    stopper_free(NULL);
}

static struct spec hyperband(bool maximize, double eta, bool strict)
{
    struct spec spec = asha(maximize, eta, doubling, 4);
    spec.early_terminate.type = SPEC_STOPPER_HYPERBAND;
    spec.early_terminate.strict = strict;
    return spec;
}

TEST(hyperband_stops_all_but_the_first_third)
{
    struct spec spec = hyperband(false, 3, true);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    stopper_report(s, 0, 1, 5, 5);
    ASSERT(!stopper_judge(s, 0, 5, &why));
    ASSERT(why.of == 1 && why.rank == 1 && why.threshold == 5); /* what it was compared with */
    stopper_report(s, 1, 1, 6, 6);
    /* With fewer trials than eta, the best value alone continues, as in W&B. */
    ASSERT(stopper_judge(s, 1, 6, &why) && why.threshold == 5 && why.rank == 2 && why.of == 2);
    stopper_report(s, 2, 1, 7, 7);
    /* int((1/3) * 3) is 1: of three trials two continue. */
    ASSERT(!stopper_judge(s, 1, 6, &why) && why.threshold == 6);
    ASSERT(stopper_judge(s, 2, 7, &why) && why.rank == 3);
    ASSERT_STR(why.stopper, "hyperband");
    stopper_free(s);
}

TEST(hyperband_compares_the_best_so_far_unless_strict)
{
    for (int strict = 0; strict < 2; strict++) {
        struct spec spec = hyperband(true, 2, strict);
        struct stopper *s = stopper_new(&spec);
        struct stopper_why why;
        stopper_report(s, 0, 1, 1, 1);
        stopper_report(s, 0, 2, 4, 4);
        stopper_report(s, 1, 1, 9, 9);
        stopper_report(s, 1, 2, 3, 3);
        stopper_report(s, 2, 1, 2, 2);
        stopper_report(s, 2, 2, 4, 4); /* a tie with the threshold stays */
        ASSERT_EQ(stopper_judge(s, 1, 9, &why), strict);
        ASSERT(why.rung == 2 && why.threshold == 4 && why.value == (strict ? 3 : 9));
        ASSERT(why.rank == (strict ? 3u : 1u));
        ASSERT(!stopper_judge(s, 2, 4, &why));
        stopper_free(s);
    }
}

static struct spec median(bool maximize, int64_t min_iter, int64_t min_trials)
{
    struct spec spec = asha(maximize, 3, doubling, 4);
    spec.early_terminate.type = SPEC_STOPPER_MEDIAN;
    spec.early_terminate.min_iter = min_iter;
    spec.early_terminate.min_trials = min_trials;
    return spec;
}

TEST(median_compares_the_best_with_the_means_of_the_others)
{
    struct spec spec = median(false, 2, 3);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    static const double values[4][2] = {{8, 2}, {6, 2}, {9, 5}, {9, 5.5}}; /* means 5, 4, 7, 7.25 */
    for (uint64_t i = 0; i < 4; i++)
        stopper_report(s, i, 1, values[i][0], values[i][0]);
    ASSERT(!stopper_judge(s, 3, 9, &why) && why.of == 0); /* before min_iter */
    for (uint64_t i = 0; i < 3; i++)
        stopper_report(s, i, 2, values[i][1], values[i][1]);
    ASSERT(!stopper_judge(s, 2, 5, &why) && why.of == 0); /* too few others */
    stopper_forget(s, 0);
    stopper_report(s, 3, 2, values[3][1], values[3][1]);
    /* Of 5, 4 and 7, the median is 5; it counts no trial's own mean. */
    ASSERT(stopper_judge(s, 3, 5.5, &why));
    ASSERT(why.rung == 2 && why.value == 5.5 && why.threshold == 5 && why.rank == 3 && why.of == 4);
    ASSERT(!stopper_judge(s, 2, 5, &why) && why.threshold == 5); /* a tie */
    stopper_report(s, 4, 1, 0, 0);
    stopper_report(s, 4, 2, 0, 0);
    ASSERT(stopper_judge(s, 3, 5.5, &why) && why.threshold == 4.5); /* of an even number */
    stopper_free(s);
}

/* The standing of each trial when it reached a rung, whether it continued or not. */
TEST(each_rung_keeps_how_the_trial_stood)
{
    struct spec spec = hyperband(false, 2, false);
    struct stopper *s = stopper_new(&spec);
    uint64_t iteration;
    stopper_report(s, 0, 1, 5, 5);
    stopper_report(s, 1, 1, 3, 3);
    stopper_report(s, 1, 2, 4, 3);
    stopper_report(s, 0, 2, 6, 5);
    const struct rungs_mark *mark = stopper_rung(s, 0, 0, &iteration);
    ASSERT(mark->of == 1 && mark->rank == 1 && mark->threshold == 5);
    mark = stopper_rung(s, 1, 0, &iteration);
    ASSERT(mark->of == 2 && mark->rank == 1 && mark->threshold == 5);
    mark = stopper_rung(s, 0, 1, &iteration);
    ASSERT(mark->value == 6 && mark->compared == 5 && mark->threshold == 6);
    ASSERT(mark->rank == 2 && mark->of == 2 && iteration == 2);
    stopper_free(s);
    spec = median(false, 1, 1);
    s = stopper_new(&spec);
    stopper_report(s, 0, 1, 5, 5);
    ASSERT_EQ(stopper_rung(s, 0, 0, &iteration)->of, 0); /* nothing to compare it with */
    stopper_free(s);
}

TEST(median_maximizes)
{
    struct spec spec = median(true, 1, 2);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    stopper_report(s, 0, 1, 3, 3);
    stopper_report(s, 1, 1, 4, 4);
    stopper_report(s, 2, 1, 3.25, 3.25);
    ASSERT(stopper_judge(s, 2, 3.25, &why) && why.threshold == 3.5 && why.rank == 2);
    ASSERT(!stopper_judge(s, 2, 3.5, &why));
    ASSERT(stopper_judge(s, 0, 3, &why) && why.threshold == 3.625);
    stopper_free(s);
}

static struct spec any_rule(uint64_t seed)
{
    struct spec spec = asha(seed % 2, 1.5 + (double)(seed % 3), doubling, 4);
    spec.early_terminate.type = (enum spec_stopper)(seed / 2 % 3);
    spec.early_terminate.strict = seed % 5 == 0;
    spec.early_terminate.min_iter = spec.early_terminate.min_trials = 2;
    return spec;
}

/* Fed with the rungs that it gave out, a stopper judges as the one that saw every report. */
TEST(rungs_give_the_stopper_back)
{
    enum { TRIALS = 40 };
    for (uint64_t seed = 0; seed < 150; seed++) {
        struct spec spec = any_rule(seed);
        const struct objective_rule rule = {.maximize = spec.metric.maximize};
        struct objective seen[TRIALS] = {0};
        struct stopper *live = stopper_new(&spec), *loaded = stopper_new(&spec);
        struct rng r;
        bool ended[TRIALS] = {false};
        rng_init(&r, seed, 0, RNG_TEST);
        for (int i = 0; i < 300; i++) {
            uint64_t trial = rng_below(&r, TRIALS);
            double value = (double)rng_below(&r, 10);
            if (!ended[trial]) {
                objective_fold(&rule, &seen[trial], value, i);
                stopper_report(live, trial, seen[trial].iterations, value,
                               seen[trial].iteration_best);
            }
        }
        for (uint64_t trial = TRIALS; trial-- > 0;) {
            uint64_t iteration;
            const struct rungs_mark *mark;
            for (size_t i = 0; (mark = stopper_rung(live, trial, i, &iteration)); i++)
                stopper_report(loaded, trial, iteration, mark->value, mark->value);
            ended[trial] = rng_below(&r, 4) == 0;
            if (ended[trial]) {
                stopper_forget(live, trial);
                stopper_forget(loaded, trial);
            }
        }
        for (uint64_t trial = 0; trial < TRIALS; trial++) {
            struct stopper_why a = {0}, b = {0};
            bool stop = stopper_judge(live, trial, seen[trial].iteration_best, &a);
            ASSERT_EQ(stopper_judge(loaded, trial, seen[trial].iteration_best, &b), stop);
            ASSERT(a.rung == b.rung && a.value == b.value && a.threshold == b.threshold);
            ASSERT(a.rank == b.rank && a.of == b.of);
            ASSERT(!stop || (a.of > 0 && a.rank > 1 && a.rank <= a.of && !ended[trial]));
        }
        stopper_free(live);
        stopper_free(loaded);
    }
}
