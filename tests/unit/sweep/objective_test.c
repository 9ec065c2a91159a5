/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/objective.h"
#include "tests/test.h"

static const struct objective_rule best_low = {0}, best_high = {.maximize = true},
                                   last_low = {.last = true};

/* The text of a fold: values at steps, one after the other. */
static struct objective fold(const struct objective_rule *rule, size_t n, const double *values,
                             const int64_t *steps)
{
    struct objective o = {0};
    for (size_t i = 0; i < n; i++)
        objective_fold(rule, &o, values[i], steps ? steps[i] : (int64_t)i);
    return o;
}

TEST(objective_ranks_finite_before_infinite_before_nan)
{
    static const double low[] = {-1e308, -1, 0, 1e308, -INFINITY, INFINITY, NAN};
    static const double high[] = {1e308, 0, -1, -1e308, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) {
            ASSERT_EQ(objective_is_better(&best_low, low[i], low[j]), i < j);
            ASSERT_EQ(objective_is_better(&best_high, high[i], high[j]), i < j);
        }
}

TEST(objective_best_is_of_any_step_and_finite_where_it_can_be)
{
    static const double values[] = {NAN, -INFINITY, 3, 2, -INFINITY, NAN, 2, 5};
    struct objective o = fold(&best_low, 1, values, NULL);
    ASSERT(o.known && isnan(o.value));
    o = fold(&best_low, 2, values, NULL);
    ASSERT(o.value == -INFINITY && o.step == 1);
    o = fold(&best_low, 8, values, NULL);
    ASSERT(o.value == 2);
    ASSERT_EQ(o.step, 3); /* the first of equals */
    ASSERT_EQ(o.iterations, 4);
    ASSERT_EQ(o.iteration_step, 7);
}

TEST(objective_last_is_that_of_the_highest_step)
{
    static const double values[] = {4, 9, 1, 6, 7};
    static const int64_t steps[] = {3, 5, 4, 5, -2};
    struct objective o = fold(&last_low, 5, values, steps);
    ASSERT(o.value == 6);
    ASSERT_EQ(o.step, 5);
    o = fold(&last_low, 1, values, (const int64_t[]){INT64_MIN});
    ASSERT(o.value == 4);
}

TEST(objective_counts_increasing_steps)
{
    /* Two workers report each step; then an attempt begins anew, and one from a checkpoint. */
    static const int64_t steps[] = {0, 0, 1, 1, 2, 2, 0, 1, 2, 3, 10};
    static const double values[11] = {0};
    ASSERT_EQ(fold(&best_low, 6, values, steps).iterations, 3);
    struct objective o = {0};
    for (size_t i = 0; i < 11; i++) {
        if (i == 6)
            objective_restart(&o);
        bool more = objective_fold(&best_low, &o, values[i], steps[i]);
        ASSERT_EQ(more, i == 0 || i == 2 || i == 4 || i >= 9);
        ASSERT_EQ(o.step, i < 6 ? 0 : steps[6]);
    }
    ASSERT_EQ(o.iterations, 5);
    ASSERT(!objective_fold(&best_low, &o, NAN, 11) && !objective_fold(&best_low, &o, INFINITY, 12));
    ASSERT(objective_fold(&best_low, &o, 1, 11));
}

TEST(objective_restart_forgets_the_value)
{
    struct objective o = fold(&last_low, 2, (const double[]){1, 2}, NULL);
    objective_restart(&o);
    ASSERT(!o.known);
    objective_fold(&last_low, &o, 7, -3);
    ASSERT(o.known && o.value == 7 && o.step == -3);
}

TEST(objective_target_is_met_by_finite_values_alone)
{
    static const struct objective_rule low = {.has_target = true, .target = 1},
                                       high = {.has_target = true, .target = 1, .maximize = true};
    static const struct {
        double value;
        bool low, high;
    } cases[] = {{1, true, true},           {0.5, true, false},       {2, false, true},
                 {-INFINITY, false, false}, {INFINITY, false, false}, {NAN, false, false}};
    for (size_t i = 0; i < 6; i++) {
        struct objective o = {.known = true, .value = cases[i].value};
        ASSERT_EQ(objective_meets_target(&low, &o), cases[i].low);
        ASSERT_EQ(objective_meets_target(&high, &o), cases[i].high);
        ASSERT(!objective_meets_target(&best_low, &o));
        o.known = false;
        ASSERT(!objective_meets_target(&low, &o));
    }
}

TEST(objective_best_trial_is_the_first_of_equals_and_finite)
{
    static const struct {
        uint64_t trial;
        double value;
        bool best;
    } ends[] = {{5, NAN, false}, {4, -INFINITY, false}, {7, 3, true},  {8, 3, false},
                {6, 3, true},    {2, INFINITY, false},  {9, 2.5, true}};
    struct objective_best best = {0};
    for (size_t i = 0; i < 7; i++) {
        struct objective o = {.known = true, .value = ends[i].value};
        ASSERT_EQ(objective_fold_best(&best_low, &best, ends[i].trial, &o), ends[i].best);
    }
    ASSERT(best.known && best.trial == 9 && best.value == 2.5);
    ASSERT(!objective_fold_best(&best_low, &best, 1, &(struct objective){0}));
}
