/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/moment.h"

#include <stddef.h>

#include "base/number/civil.h"

/* Reads exactly `digits` digits with a value from least to most; NULL if p does not begin with such
 * a number. */
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

static const char *read_date(const char *p, struct moment *m)
{
    p = is_letter(read_number(p, 4, 2000, 9999, &m->year), '-');
    p = is_letter(read_number(p, 2, 1, 12, &m->month), '-');
    return read_number(p, 2, 1, p ? days_of(m->year, m->month) : 31, &m->day);
}

static const char *time_of_day(const char *p, struct moment *m)
{
    p = is_letter(read_number(p, 2, 0, 23, &m->hour), ':');
    p = read_number(p, 2, 0, 59, &m->minute);
    return p && *p == ':' ? read_number(p + 1, 2, 0, 59, &m->second) : p;
}

static const char *read_zone(const char *p, struct moment *m)
{
    int hours = 0, minutes = 0;
    m->has_zone = p && (*p == 'Z' || *p == '+' || *p == '-');
    if (!m->has_zone)
        return p;
    if (*p == 'Z')
        return p + 1;
    const char *end = is_letter(read_number(p + 1, 2, 0, 14, &hours), ':');
    end = read_number(end, 2, 0, 59, &minutes);
    m->zone_minutes = (*p == '-' ? -1 : 1) * (hours * 60 + minutes);
    return end;
}

bool moment_parse(const char *text, struct moment *ret)
{
    struct moment m = {0};
    const char *p = time_of_day(text, &m);
    if (!p || *p != '\0') {
        m = (struct moment){.has_date = true};
        p = read_date(text, &m);
        p = p && (*p == ' ' || *p == 'T') ? read_zone(time_of_day(p + 1, &m), &m) : NULL;
    }
    if (!p || *p != '\0')
        return false;
    *ret = m;
    return true;
}

bool moment_valid(const char *text)
{
    struct moment m;
    return moment_parse(text, &m);
}

int64_t moment_ms(const struct moment *m)
{
    int64_t days = civil_days((struct civil){m->year, m->month, m->day});
    int64_t minutes = days * 24 * 60 + m->hour * 60 + m->minute - m->zone_minutes;
    return (minutes * 60 + m->second) * 1000;
}
