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

TEST(asha_lets_the_best_part_of_a_rung_go_on)
{
    struct spec spec = asha(false, 2, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    ASSERT(!stopper_judge(s, 0, &why)); /* nothing is known of it */
    stopper_report(s, 0, 1, 5);
    ASSERT(!stopper_judge(s, 0, &why)); /* the first at a rung goes on */
    stopper_report(s, 1, 1, 3);
    ASSERT(!stopper_judge(s, 1, &why));
    /* Between rungs, and where its report had no value: others have overtaken it. */
    ASSERT(stopper_judge(s, 0, &why));
    ASSERT_STR(why.stopper, "asha");
    ASSERT(why.rung == 1 && why.value == 5 && why.threshold == 3);
    ASSERT(why.rank == 2 && why.of == 2);
    stopper_report(s, 2, 1, 3);
    ASSERT(!stopper_judge(s, 2, &why)); /* as good as the worst that stays */
    stopper_report(s, 0, 2, 1);
    ASSERT(!stopper_judge(s, 0, &why)); /* it is judged at the highest rung it has reached */
    stopper_report(s, 0, 3, 99);
    ASSERT(!stopper_judge(s, 0, &why));
    stopper_free(s);
}

TEST(asha_maximizes)
{
    struct spec spec = asha(true, 3, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    static const double values[] = {-1, 0, 0.5, 0.25, -0.0};
    for (uint64_t i = 0; i < 5; i++)
        stopper_report(s, i, 1, values[i]);
    ASSERT(!stopper_judge(s, 2, &why));
    ASSERT(stopper_judge(s, 3, &why) && why.threshold == 0.5 && why.rank == 2 && why.of == 5);
    ASSERT(stopper_judge(s, 1, &why) && why.rank == 3);
    ASSERT(stopper_judge(s, 4, &why) && why.rank == 3); /* zeros are equal */
    stopper_free(s);
}

TEST(a_trial_that_ended_is_still_compared_with)
{
    struct spec spec = asha(false, 2, doubling, 4);
    struct stopper *s = stopper_new(&spec);
    struct stopper_why why;
    stopper_report(s, 0, 1, 1);
    stopper_forget(s, 0);
    stopper_forget(s, 7);
    ASSERT(!stopper_judge(s, 0, &why));
    stopper_report(s, 1, 1, 2);
    ASSERT(stopper_judge(s, 1, &why) && why.of == 2);
    stopper_free(s);
}

TEST(bands_that_repeat_are_one_rung)
{
    static const int64_t bands[] = {1, 1, 2, 3, 3};
    struct spec spec = asha(false, 1.2, bands, 5);
    struct stopper *s = stopper_new(&spec);
    uint64_t iteration;
    double value;
    for (uint64_t i = 1; i <= 9; i++)
        stopper_report(s, 0, i, (double)i);
    for (size_t i = 0; i < 3; i++) {
        ASSERT(stopper_rung(s, 0, i, &iteration, &value));
        ASSERT(iteration == i + 1 && value == (double)(i + 1));
    }
    ASSERT(!stopper_rung(s, 0, 3, &iteration, &value));
    ASSERT(!stopper_rung(s, 1, 0, &iteration, &value));
    stopper_free(s);
}

TEST(no_stopper_where_none_is_named)
{
    struct spec spec = asha(false, 2, doubling, 4);
    spec.early_terminate.on = false;
    ASSERT(!stopper_new(&spec));
    spec.early_terminate.on = true;
    spec.early_terminate.type = SPEC_STOPPER_MEDIAN;
    ASSERT(!stopper_new(&spec));
    stopper_free(NULL);
}

/* Fed with the rungs that it gave out, a stopper judges as the one that saw every report. */
TEST(rungs_give_the_stopper_back)
{
    enum { TRIALS = 40 };
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct spec spec = asha(seed % 2, 1.5 + (double)(seed % 3), doubling, 4);
        struct stopper *live = stopper_new(&spec), *loaded = stopper_new(&spec);
        struct rng r;
        uint64_t reached[TRIALS] = {0};
        bool ended[TRIALS] = {false};
        rng_init(&r, seed, 0, RNG_TEST);
        for (int i = 0; i < 300; i++) {
            uint64_t trial = rng_below(&r, TRIALS);
            double value = (double)rng_below(&r, 10);
            if (!ended[trial])
                stopper_report(live, trial, ++reached[trial], value);
        }
        for (uint64_t trial = TRIALS; trial-- > 0;) {
            uint64_t iteration;
            double value;
            for (size_t i = 0; stopper_rung(live, trial, i, &iteration, &value); i++)
                stopper_report(loaded, trial, iteration, value);
            ended[trial] = rng_below(&r, 4) == 0;
            if (ended[trial]) {
                stopper_forget(live, trial);
                stopper_forget(loaded, trial);
            }
        }
        for (uint64_t trial = 0; trial < TRIALS; trial++) {
            struct stopper_why a = {0}, b = {0};
            bool stop = stopper_judge(live, trial, &a);
            ASSERT_EQ(stopper_judge(loaded, trial, &b), stop);
            ASSERT(a.rung == b.rung && a.value == b.value && a.threshold == b.threshold);
            ASSERT(a.rank == b.rank && a.of == b.of);
            ASSERT(!stop || (a.rank > 1 && a.rank <= a.of && !ended[trial]));
        }
        stopper_free(live);
        stopper_free(loaded);
    }
}
