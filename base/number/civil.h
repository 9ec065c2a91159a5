/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Dates of the Gregorian calendar, also before it was in use, as days since 1970-01-01. Knows no clock and no
 * time zone. Pure. */
#include <stdint.h>

struct civil {
    int64_t year, month, day; /* month and day from 1 */
};

int64_t civil_days(struct civil date);
struct civil civil_date(int64_t days);
