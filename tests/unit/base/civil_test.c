/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/civil.h"
#include "tests/test.h"

TEST(civil_days_are_known)
{
    static const struct {
        struct civil date;
        int64_t days;
    } known[] = {
        {{1970, 1, 1}, 0},      {{1970, 1, 31}, 30},       {{1969, 12, 31}, -1},
        {{2000, 2, 29}, 11016}, {{2000, 3, 1}, 11017},     {{2100, 2, 28}, 47540},
        {{2100, 3, 1}, 47541},  {{2026, 11, 29}, 20786},   {{1, 1, 1}, -719162},
        {{0, 1, 1}, -719528},   {{9999, 12, 31}, 2932896}, {{-400, 3, 1}, -865565},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct civil date = civil_date(known[i].days);
        ASSERT_EQ(civil_days(known[i].date), known[i].days);
        ASSERT_EQ(date.year, known[i].date.year);
        ASSERT_EQ(date.month, known[i].date.month);
        ASSERT_EQ(date.day, known[i].date.day);
    }
}

TEST(civil_dates_follow_each_other)
{
    struct civil before = civil_date(-800000);
    for (int64_t days = -799999; days < 800000; days++) {
        struct civil date = civil_date(days);
        ASSERT_EQ(civil_days(date), days);
        ASSERT(date.day == before.day + 1 ||
               (date.day == 1 && before.day >= 28 && date.month == before.month % 12 + 1));
        before = date;
    }
}
