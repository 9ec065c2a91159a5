/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress/forecast.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void span_print(char *out, size_t size, long long minutes)
{
    snprintf(out, size, "%lld h %02lld", minutes / 60, minutes % 60);
}

static void pair_print(char out[FORECAST_BYTES], const char *low, const char *high,
                       const char *dash, const char *unit)
{
    if (strcmp(low, high) == 0)
        snprintf(out, FORECAST_BYTES, "about %s%s", high, unit);
    else
        snprintf(out, FORECAST_BYTES, "%s%s%s%s", low, dash, high, unit);
}

static void whole_print(char *out, size_t size, long long n)
{
    snprintf(out, size, "%lld", n);
}

void forecast_range(char out[FORECAST_BYTES], int64_t low_ms, int64_t high_ms, const char *dash)
{
    static const struct {
        long long ms, below_ms;
        const char *name;
        void (*print)(char *out, size_t size, long long n);
    } units[] = {{1000, 90 * 1000, " s", whole_print},
                 {60000, 90 * 60000, " min", whole_print},
                 {60000, 36 * 3600000LL, "", span_print},
                 {86400000, INT64_MAX, " d", whole_print}};
    char low[16], high[16];
    size_t u = 0;
    while (high_ms >= units[u].below_ms)
        u++;
    long long from = low_ms / units[u].ms, to = high_ms / units[u].ms;
    to += high_ms % units[u].ms > 0 || to == 0;
    units[u].print(low, sizeof low, from);
    units[u].print(high, sizeof high, to);
    pair_print(out, low, high, dash, units[u].name);
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
