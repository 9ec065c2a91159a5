/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_SPAN 100.0
#define FENCE 1.5
#define MARGIN 0.05

static double place_between(double low, double high, double x)
{
    return (x / 2 - low / 2) / (high / 2 - low / 2); /* halves: the range may be too large */
}

double scale_at(const struct scale *s, double x)
{
    double t = s->log ? place_between(log(s->low), log(s->high), log(x))
                      : place_between(s->low, s->high, x);
    return s->from + t * (s->to - s->from);
}

/* The smallest of 1, 2 and 5 times a power of ten that is at least x. */
static double round_step(double x)
{
    double power = pow(10, floor(log10(x)));
    static const double steps[] = {1, 2, 5, 10};
    for (size_t i = 0; i < 4; i++)
        if (steps[i] * power >= x * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

/* digits: after the point. Exponents are as short as they can be: 1e-5, 2e6. */
static void tick_label(struct scale_tick *t, double x, int digits)
{
    double size = fabs(x);
    if (size != 0 && (size >= 1e6 || size < 1e-4)) {
        int exponent = (int)floor(log10(size) + 1e-9);
        double mantissa = x / pow(10, exponent);
        snprintf(t->label, sizeof t->label, "%.3ge%d", mantissa, exponent);
        return;
    }
    if (size == 0 && digits > 4)
        digits = 0;
    snprintf(t->label, sizeof t->label, "%.*f", digits < 0 ? 0 : digits > 8 ? 8 : digits, x);
}

static size_t linear_ticks(const struct scale *s, size_t most, struct scale_tick *ret)
{
    double step = round_step((s->high / 2 - s->low / 2) / (double)most * 2), n = 0;
    if (s->whole && step < 1)
        step = 1;
    int digits = (int)-floor(log10(step) + 1e-9);
    double first = ceil(s->low / step - 1e-9);
    size_t count = 0;
    for (; count < most; n++) {
        double x = (first + n) * step;
        if (!(x <= s->high + step * 1e-9))
            break;
        ret[count].x = fabs(x) < step * 1e-9 ? 0 : x;
        tick_label(&ret[count], ret[count].x, digits);
        count++;
    }
    return count;
}

static size_t decade_ticks(const struct scale *s, int first, int last, size_t most,
                           struct scale_tick *ret)
{
    size_t count = 0;
    int step = 1;
    while ((size_t)((last - first) / step + 1) > most)
        step++;
    for (int e = first; e <= last; e++) {
        if (e % step != 0)
            continue;
        ret[count].x = pow(10, e);
        tick_label(&ret[count], ret[count].x, e < 0 ? -e : 0);
        count++;
    }
    (void)s;
    return count;
}

/* 1, 2 and 5 times powers of ten. */
static size_t fine_ticks(const struct scale *s, size_t most, struct scale_tick *ret)
{
    static const double steps[] = {1, 2, 5};
    size_t count = 0;
    for (int e = (int)floor(log10(s->low)); e <= (int)ceil(log10(s->high)); e++)
        for (size_t i = 0; i < 3; i++) {
            double x = steps[i] * pow(10, e);
            if (x < s->low * (1 - 1e-9) || x > s->high * (1 + 1e-9) || count == most)
                continue;
            ret[count].x = x;
            tick_label(&ret[count++], x, e < 0 ? -e : 0);
        }
    return count;
}

size_t scale_ticks(const struct scale *s, size_t most, struct scale_tick *ret)
{
    most = most > SCALE_TICKS ? SCALE_TICKS : most < 2 ? 2 : most;
    if (!s->log)
        return linear_ticks(s, most, ret);
    int first = (int)ceil(log10(s->low) - 1e-9), last = (int)floor(log10(s->high) + 1e-9);
    if (last - first >= 1)
        return decade_ticks(s, first, last, most, ret);
    size_t n = fine_ticks(s, most, ret);
    return n >= 2 ? n : linear_ticks(s, most, ret);
}

void scale_open(struct scale *s)
{
    if (s->log && s->low > 0 && s->low == s->high) {
        s->low /= 2;
        s->high *= 2;
    } else if (!(s->low < s->high)) {
        double room = s->low != 0 ? fabs(s->low) * 0.1 : 1;
        s->low -= room;
        s->high += room;
    }
    s->low = fmax(s->low, -1e307);
    s->high = fmin(s->high, 1e307);
    if (s->log)
        s->low = fmax(s->low, 1e-307);
    if (!(s->low < s->high)) /* the values are at the end of what a double can hold */
        *s = (struct scale){.low = -1e307, .high = 1e307, .from = s->from, .to = s->to};
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double sorted_quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t k = (size_t)at;
    double next = sorted[k + 1 < n ? k + 1 : k], t = at - (double)k;
    return sorted[k] * (1 - t) + next * t;
}

/* The range within the fences. */
static void fence_range(const double *sorted, size_t n, bool larger_is_better, double *low,
                        double *high)
{
    double q1 = sorted_quantile(sorted, n, 0.25), q3 = sorted_quantile(sorted, n, 0.75);
    double room = FENCE * (q3 / 2 - q1 / 2) * 2;
    size_t first = 0, last = n - 1;
    while (room > 0 && larger_is_better && first < last && sorted[first] < q1 - room)
        first++;
    while (room > 0 && !larger_is_better && first < last && sorted[last] > q3 + room)
        last--;
    *low = sorted[first];
    *high = sorted[last];
}

static void scale_widen(struct scale *s)
{
    double room = s->log ? pow(s->high / s->low, MARGIN) : (s->high / 2 - s->low / 2) * 2 * MARGIN;
    if (!isfinite(room))
        return;
    double below = s->low >= 0 ? fmax(s->low - room, 0) : s->low - room; /* a loss stays positive */
    s->low = s->log ? fmax(s->low / room, 1e-307) : below;
    s->high = s->log ? fmin(s->high * room, 1e307) : s->high + room;
}

void scale_fit(struct scale *s, double *values, size_t n, bool larger_is_better)
{
    *s = (struct scale){.to = 1, .high = 1};
    if (n == 0)
        return;
    qsort(values, n, sizeof *values, double_compare);
    s->log = values[0] > 0 && values[(n - 1) * 9 / 10] / values[(n - 1) / 10] >= LOG_SPAN;
    for (size_t i = 0; s->log && i < n; i++)
        values[i] = log(values[i]);
    fence_range(values, n, larger_is_better, &s->low, &s->high);
    if (s->log) {
        s->low = exp(s->low);
        s->high = exp(s->high);
    }
    scale_open(s);
    scale_widen(s);
}
