/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/duration.h"

#include <stddef.h>
#include <string.h>

/* A century: a longer duration is a mistake, and a shorter one keeps sums of milliseconds from
 * overflowing. */
static const double seconds_max = 100.0 * 365 * 86400;

/* Reads digits[.digits]; NULL if p begins with no digit. */
static const char *read_number(const char *p, double *ret)
{
    const char *start = p;
    double sum = 0, scale = 1;
    for (; *p >= '0' && *p <= '9'; p++)
        sum = sum * 10 + (*p - '0');
    if (*p == '.' && p > start)
        for (p++; *p >= '0' && *p <= '9'; p++)
            sum += (*p - '0') * (scale /= 10);
    *ret = sum;
    return p == start ? NULL : p;
}

bool duration_parse(const char *text, double *ret_s)
{
    static const struct {
        char unit;
        double seconds;
    } units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    double sum = 0, number = 0;
    size_t next = 0, count = sizeof units / sizeof *units;
    const char *p = read_number(text, &number);
    if (p && *p == '\0') {
        sum = number;
    } else {
        /* Each unit at most once, the longest first. */
        for (p = text; *p; p++) {
            p = read_number(p, &number);
            if (!p)
                return false;
            while (next < count && units[next].unit != *p)
                next++;
            if (next == count)
                return false;
            sum += number * units[next++].seconds;
        }
    }
    if (!(sum > 0 && sum <= seconds_max))
        return false;
    *ret_s = sum;
    return true;
}
