/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A moment as people write it: "18:00", "2026-01-31 18:00", "2026-01-31T18:00:00Z",
 * "2026-01-31T18:00+01:00"; local time if there is no zone, the next such time of day if there is
 * no date. Knows no clock. */
#include <stdbool.h>
#include <stdint.h>

struct moment {
    bool has_date, has_zone;
    int year, month, day; /* month and day from 1 */
    int hour, minute, second;
    int zone_minutes; /* east of UTC */
};

bool moment_valid(const char *text);
bool moment_parse(const char *text, struct moment *ret);
/* Milliseconds since 1970 of a moment that has a date and a zone. */
int64_t moment_ms(const struct moment *m);
