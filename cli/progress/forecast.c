/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/forecast.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The upper tenth of a normal distribution begins so many deviations above its middle. */
#define UPPER_TENTH 1.2816

void forecast_add(struct forecast *f, int64_t ran_ms)
{
    double off = (double)ran_ms - f->mean_ms;
    f->n++;
    f->mean_ms += off / (double)f->n;
    f->squares += off * ((double)ran_ms - f->mean_ms);
}

/* The times to come vary by the deviation of one trial, and their mean is known as well as n trials
 * tell it. */
bool forecast_left(const struct forecast *f, uint64_t rest, uint64_t at_once, int64_t used_ms,
                   int64_t *ret_low_ms, int64_t *ret_high_ms)
{
    if (f->n < FORECAST_TRIALS_MIN || rest == 0 || at_once == 0)
        return false;
    double r = (double)rest, n = (double)f->n, k = (double)at_once;
    double variance = f->squares / (n - 1);
    double work = r * f->mean_ms - fmin((double)used_ms, k * f->mean_ms);
    double low = work / k;
    double high = low + UPPER_TENTH * sqrt(variance * (r + r * r / n)) / k;
    if (!(high < 1e15))
        return false;
    *ret_low_ms = low > 0 ? (int64_t)low : 0;
    *ret_high_ms = high > 0 ? (int64_t)high : 0;
    return true;
}

int forecast_chance(uint64_t n, uint64_t m)
{
    return n + m > 0 ? (int)lround(100 * (double)m / ((double)n + (double)m)) : 0;
}

static void span_print(char *out, size_t size, long long minutes)
{
    snprintf(out, size, "%lld h %02lld", minutes / 60, minutes % 60);
}

static void pair_print(char out[FORECAST_BYTES], long long low, long long high, const char *dash,
                       const char *unit)
{
    if (low < high)
        snprintf(out, FORECAST_BYTES, "%lld%s%lld %s", low, dash, high, unit);
    else
        snprintf(out, FORECAST_BYTES, "%lld %s", high, unit);
}

void forecast_range(char out[FORECAST_BYTES], int64_t low_ms, int64_t high_ms, const char *dash)
{
    double low = (double)low_ms / 1000, high = (double)high_ms / 1000;
    if (high < 90) {
        pair_print(out, llround(low), llround(high), dash, "s");
    } else if (high < 90 * 60) {
        pair_print(out, llround(low / 60), llround(high / 60), dash, "min");
    } else if (high < 36 * 3600) {
        char from[16], to[16];
        span_print(from, sizeof from, llround(low / 60));
        span_print(to, sizeof to, llround(high / 60));
        bool same = strcmp(from, to) == 0;
        snprintf(out, FORECAST_BYTES, "%s%s%s", same ? "" : from, same ? "" : dash, to);
    } else {
        pair_print(out, llround(low / 86400), llround(high / 86400), dash, "d");
    }
}

void forecast_rate(char out[FORECAST_BYTES], uint64_t n, int64_t in_ms)
{
    double a_minute = in_ms > 0 ? (double)n * 60000 / (double)in_ms : 0;
    if (n == 0 || a_minute <= 0)
        out[0] = '\0';
    else if (a_minute >= 100)
        snprintf(out, FORECAST_BYTES, "%.2g/s", a_minute / 60);
    else if (a_minute >= 1)
        snprintf(out, FORECAST_BYTES, "%.2g/min", a_minute);
    else
        snprintf(out, FORECAST_BYTES, "%.2g/h", a_minute * 60);
}
