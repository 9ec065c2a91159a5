/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/civil.h"

/* H. Hinnant, "chrono-compatible low-level date algorithms". Years begin in March, so that the leap day
 * is the last one; 400 of them, an era, have the same number of days. */
enum { ERA_DAYS = 146097, ERA_YEARS = 400, DAYS_TO_1970 = 719468 };

static int64_t floor_div(int64_t n, int64_t by)
{
    return (n >= 0 ? n : n - by + 1) / by;
}

int64_t civil_days(struct civil date)
{
    int64_t year = date.year - (date.month <= 2), era = floor_div(year, ERA_YEARS);
    int64_t of_era = year - era * ERA_YEARS, from_march = date.month + (date.month > 2 ? -3 : 9);
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100;
    return era * ERA_DAYS + days + (153 * from_march + 2) / 5 + date.day - 1 - DAYS_TO_1970;
}

struct civil civil_date(int64_t days)
{
    int64_t since = days + DAYS_TO_1970, era = floor_div(since, ERA_DAYS);
    int64_t day = since - era * ERA_DAYS;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return (struct civil){year + ERA_YEARS * era + (month <= 2), month,
                          of_year - (153 * from_march + 2) / 5 + 1};
}
