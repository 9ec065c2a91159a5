/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/moment.h"

#include <stddef.h>

/* Exactly so many digits, from least to most; NULL where they are not there. */
static const char *read_number(const char *p, int digits, int least, int most, int *ret)
{
    int sum = 0;
    if (!p)
        return NULL;
    for (int i = 0; i < digits; i++, p++) {
        if (*p < '0' || *p > '9')
            return NULL;
        sum = sum * 10 + (*p - '0');
    }
    *ret = sum;
    return sum >= least && sum <= most ? p : NULL;
}

static const char *is_letter(const char *p, char c)
{
    return p && *p == c ? p + 1 : NULL;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static const char *read_date(const char *p)
{
    int year = 0, month = 0, day = 0;
    p = is_letter(read_number(p, 4, 2000, 9999, &year), '-');
    p = is_letter(read_number(p, 2, 1, 12, &month), '-');
    p = read_number(p, 2, 1, p ? days_of(year, month) : 31, &day);
    return p;
}

static const char *time_of_day(const char *p)
{
    int part = 0;
    p = read_number(is_letter(read_number(p, 2, 0, 23, &part), ':'), 2, 0, 59, &part);
    return p && *p == ':' ? read_number(p + 1, 2, 0, 59, &part) : p;
}

static const char *read_zone(const char *p)
{
    int part = 0;
    if (p && *p == 'Z')
        return p + 1;
    if (!p || (*p != '+' && *p != '-'))
        return p;
    return read_number(is_letter(read_number(p + 1, 2, 0, 14, &part), ':'), 2, 0, 59, &part);
}

bool moment_valid(const char *text)
{
    const char *p = time_of_day(text);
    if (p && *p == '\0')
        return true;
    p = read_date(text);
    p = p && (*p == ' ' || *p == 'T') ? read_zone(time_of_day(p + 1)) : NULL;
    return p && *p == '\0';
}
