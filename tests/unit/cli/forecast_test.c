/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/forecast.h"

#include "tests/test.h"

TEST(the_time_left_is_a_range_once_three_trials_have_ended)
{
    struct forecast f = {0};
    int64_t low = 0, high = 0;
    for (int i = 0; i < 2; i++)
        forecast_add(&f, 60000);
    ASSERT(!forecast_left(&f, 10, 2, 0, &low, &high));
    forecast_add(&f, 60000);
    ASSERT(forecast_left(&f, 10, 2, 0, &low, &high));
    ASSERT_EQ(low, 300000); /* ten trials of a minute, two at once */
    ASSERT_EQ(high, 300000);
    ASSERT(forecast_left(&f, 10, 2, 60000, &low, &high));
    ASSERT_EQ(low, 270000); /* one of them has run already */
    ASSERT(forecast_left(&f, 2, 2, 99999999, &low, &high));
    ASSERT_EQ(low, 0);
    ASSERT(!forecast_left(&f, 0, 2, 0, &low, &high));
    ASSERT(!forecast_left(&f, 10, 0, 0, &low, &high));
    forecast_add(&f, 20000);
    forecast_add(&f, 100000);
    ASSERT(forecast_left(&f, 100, 4, 0, &low, &high));
    ASSERT_EQ(low, 1500000);
    /* sd 28.3 s: 1.2816 * sqrt(800 * (100 + 100²/5)) / 4 */
    ASSERT_NEAR((double)(high - low), 415300.0, 0.01);
}

TEST(the_chance_of_a_new_best_is_exact_for_trials_drawn_alike)
{
    ASSERT_EQ(forecast_chance(54, 20), 27);
    ASSERT_EQ(forecast_chance(0, 0), 0);
    ASSERT_EQ(forecast_chance(1, 1), 50);
    ASSERT_EQ(forecast_chance(10000, 20), 0);
}

TEST(a_range_has_one_unit)
{
    static const struct {
        int64_t low_s, high_s;
        const char *want;
    } cases[] = {{0, 0, "0 s"},          {12, 40, "12-40 s"},       {40, 40, "40 s"},
                 {80, 100, "1-2 min"},   {1320, 1860, "22-31 min"}, {11400, 15600, "3 h 10-4 h 20"},
                 {7200, 7201, "2 h 00"}, {86400, 345600, "1-4 d"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[FORECAST_BYTES];
        forecast_range(out, cases[i].low_s * 1000, cases[i].high_s * 1000, "-");
        ASSERT_STR(out, cases[i].want);
    }
}

TEST(a_rate_has_the_unit_that_reads_well)
{
    static const struct {
        uint64_t n;
        int64_t s;
        const char *want;
    } cases[] = {{0, 60, ""},      {21, 600, "2.1/min"}, {5, 1, "5/s"},
                 {1, 1800, "2/h"}, {12, 0, ""},          {3, 60, "3/min"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[FORECAST_BYTES];
        forecast_rate(out, cases[i].n, cases[i].s * 1000);
        ASSERT_STR(out, cases[i].want);
    }
}
