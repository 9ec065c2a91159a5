/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/forecast.h"

#include "tests/test.h"

/* Rounded outwards, in one unit; never a range without a width. */
TEST(a_range_has_one_unit)
{
    static const struct {
        int64_t low_s, high_s;
        const char *want;
    } cases[] = {{0, 0, "0-1 s"},
                 {12, 40, "12-40 s"},
                 {40, 40, "about 40 s"},
                 {91, 119, "1-2 min"},
                 {180, 180, "about 3 min"},
                 {80, 100, "1-2 min"},
                 {1320, 1860, "22-31 min"},
                 {11400, 15600, "3 h 10-4 h 20"},
                 {7200, 7201, "2 h 00-2 h 01"},
                 {86400, 345600, "1-4 d"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[FORECAST_BYTES];
        forecast_range(out, cases[i].low_s * 1000, cases[i].high_s * 1000, "-");
        ASSERT_STR(out, cases[i].want);
    }
    char out[FORECAST_BYTES];
    forecast_range(out, 14200, 14900, "-");
    ASSERT_STR(out, "14-15 s");
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
