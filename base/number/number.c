/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/number/shortest.h"

/* Powers of ten that binary64 holds exactly. */
static const double POWER[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum { POWER_MAX = sizeof POWER / sizeof *POWER - 1 };

/* 767 significant digits determine a double; of the others, only whether all are zero matters. */
enum { DIGITS_MAX = 800, EXPONENT_MAX = 100000000 };

/* digits * 10^exponent, digits without leading zeros; `small` is their value while n <= 19. */
struct decimal {
    char digits[DIGITS_MAX + 1];
    size_t n;
    uint64_t small;
    int64_t exponent;
};

static void add_digit(struct decimal *d, char c, bool behind_point)
{
    if (d->n == 0 && c == '0') {
        d->exponent -= behind_point;
        return;
    }
    if (d->n >= DIGITS_MAX) {
        if (c != '0')
            d->digits[DIGITS_MAX] = '1';
        d->exponent += !behind_point;
        return;
    }
    if (d->n < 19)
        d->small = d->small * 10 + (uint64_t)(c - '0');
    d->digits[d->n++] = c;
    d->exponent -= behind_point;
}

/* No decimal point is written, so that strtod's locale has no say. */
static double decimal_value(const struct decimal *d)
{
    if (d->n == 0)
        return 0;
    /* Both operands are exact here, so the one rounding is that of the result (Clinger 1990). */
    if (d->n <= 19 && d->small <= UINT64_C(1) << 53) {
        if (d->exponent >= 0 && d->exponent <= POWER_MAX)
            return (double)d->small * POWER[d->exponent];
        if (d->exponent < 0 && -d->exponent <= POWER_MAX)
            return (double)d->small / POWER[-d->exponent];
    }
    char text[DIGITS_MAX + 32];
    size_t n = d->n;
    int64_t exponent = d->exponent;
    memcpy(text, d->digits, n);
    if (d->digits[DIGITS_MAX]) {
        text[n++] = '1';
        exponent--;
    }
    snprintf(text + n, sizeof text - n, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool parse_exponent(const char *s, const char *end, int64_t *ret)
{
    bool negative = s < end && *s == '-';
    if (s < end && (*s == '-' || *s == '+'))
        s++;
    if (s == end)
        return false;
    int64_t e = 0;
    for (; s < end && is_digit(*s); s++)
        e = e < EXPONENT_MAX ? e * 10 + (*s - '0') : e;
    *ret = negative ? -e : e;
    return s == end;
}

bool number_parse(const char *s, size_t len, double *ret)
{
    const char *end = s + len;
    struct decimal d;
    d.n = 0;
    d.small = 0;
    d.exponent = 0;
    d.digits[DIGITS_MAX] = '\0';
    bool negative = s < end && *s == '-';
    if (s < end && (*s == '-' || *s == '+'))
        s++;
    bool any = s < end && is_digit(*s);
    for (; s < end && is_digit(*s); s++)
        add_digit(&d, *s, false);
    if (s < end && *s == '.') {
        s++;
        any = any || (s < end && is_digit(*s));
        for (; s < end && is_digit(*s); s++)
            add_digit(&d, *s, true);
    }
    if (!any)
        return false;
    if (s < end) {
        int64_t exponent;
        if ((*s != 'e' && *s != 'E') || !parse_exponent(s + 1, end, &exponent))
            return false;
        d.exponent += exponent;
    }
    double f = decimal_value(&d);
    *ret = negative ? -f : f;
    return true;
}

/* d.ddd * 10^exponent */
struct digits {
    char d[24];
    int n;
    int exponent;
};

static size_t put_digits(char *out, uint64_t u)
{
    char reversed[20];
    size_t n = 0;
    do
        reversed[n++] = (char)('0' + u % 10);
    while ((u /= 10) > 0);
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return n;
}

void number_format_int(char out[NUMBER_BYTES], int64_t i)
{
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    *out = '-';
    out += i < 0;
    out[put_digits(out, magnitude)] = '\0';
}

static bool reads_back(const struct digits *s, double f)
{
    char text[48];
    double back;
    int n = snprintf(text, sizeof text, "%.*se%d", s->n, s->d, s->exponent - (s->n - 1));
    return number_parse(text, (size_t)n, &back) && back == f;
}

static void round_to(struct digits *s, double f, int n)
{
    char text[48];
    snprintf(text, sizeof text, "%.*e", n - 1, f);
    char *e = strchr(text, 'e');
    s->n = 0;
    for (const char *p = text; p < e; p++)
        if (is_digit(*p)) /* skips the point, whatever the locale makes of it */
            s->d[s->n++] = *p;
    s->exponent = (int)strtol(e + 1, NULL, 10);
}

static void shortest_digits(struct digits *s, double f)
{
    s->n = shortest_find(f, s->d, &s->exponent);
    if (s->n > 0)
        return;
    /* 15 digits always survive, so fewer need no look, except below the normal range. */
    int mantissa_exponent;
    bool power_of_two = frexp(f, &mantissa_exponent) == 0.5;
    for (int n = f < DBL_MIN ? 1 : DBL_DIG; n <= DBL_DECIMAL_DIG; n++) {
        round_to(s, f, n);
        if (reads_back(s, f))
            return;
        /* Above a power of two its neighbours are twice as far apart as below: the next decimal up
         * may read back where the nearest one, below, does not. */
        if (power_of_two && s->d[n - 1] != '9') {
            s->d[n - 1]++;
            if (reads_back(s, f))
                return;
        }
    }
}

/* Copies digits and pads with zeros to len; returns the end. */
static char *put_padded(char *out, const char *digits, int n, int len)
{
    memcpy(out, digits, (size_t)n);
    memset(out + n, '0', (size_t)(len - n));
    return out + len;
}

static void digits_print(char *out, const struct digits *s)
{
    int e = s->exponent, whole = e + 1;
    if (e < -4 || e >= 16) {
        *out++ = s->d[0];
        *out = '.';
        out = put_padded(out + (s->n > 1), s->d + 1, s->n - 1, s->n - 1);
        *out++ = 'e';
        *out++ = e < 0 ? '-' : '+';
        *out = '0';
        out += abs(e) < 10;
        out += put_digits(out, (uint64_t)abs(e));
    } else if (e < 0) {
        out = put_padded(out, "0.", 2, 2 - whole);
        out = put_padded(out, s->d, s->n, s->n);
    } else {
        int given = s->n < whole ? s->n : whole, behind = s->n - given;
        out = put_padded(out, s->d, given, whole);
        *out++ = '.';
        out = put_padded(out, s->d + given, behind, behind > 0 ? behind : 1);
    }
    *out = '\0';
}

void number_format(char out[NUMBER_BYTES], double f)
{
    PRE(isfinite(f));
    struct digits s = {.d = "0", .n = 1};
    size_t sign = signbit(f) != 0;
    out[0] = '-';
    if (f != 0)
        shortest_digits(&s, fabs(f));
    while (s.n > 1 && s.d[s.n - 1] == '0')
        s.n--;
    digits_print(out + sign, &s);
}
