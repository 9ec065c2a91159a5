/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

const double curve_quantiles[CURVE_QUANTILES] = {0.1, 0.25, 0.5, 0.75, 0.9};

void curve_done(struct curve *c)
{
    mem_free(c->items);
    *c = (struct curve){0};
}

static void sample_merge(struct curve_sample *s, const struct curve_sample *next)
{
    s->time_ms = next->time_ms;
    if (next->has_x)
        s->x = next->x;
    if (next->has_y)
        s->y = next->y;
    s->has_x |= next->has_x;
    s->has_y |= next->has_y;
}

struct placed {
    struct curve_sample sample;
    size_t place; /* keeps samples that compare equal in their order */
};

static int by_step(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;
    if (p->sample.step != q->sample.step)
        return p->sample.step < q->sample.step ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

static int by_x(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;
    if (p->sample.x != q->sample.x)
        return p->sample.x < q->sample.x ? -1 : 1;
    return (p->place > q->place) - (p->place < q->place);
}

static void samples_sort(struct curve_sample *items, size_t n,
                         int (*compare)(const void *a, const void *b))
{
    struct placed *all = mem_alloc((n + 1) * sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct placed){items[i], i};
    qsort(all, n, sizeof *all, compare);
    for (size_t i = 0; i < n; i++)
        items[i] = all[i].sample;
    mem_free(all);
}

/* Makes the samples of the last attempt ascend, and lets them replace those of earlier ones. */
static void attempt_settle(struct curve *c)
{
    size_t n = c->own, kept;
    if (c->mixed)
        samples_sort(c->items + c->own, c->n - c->own, by_step);
    for (size_t i = c->own; i < c->n; i++) {
        if (n > c->own && c->items[n - 1].step == c->items[i].step)
            sample_merge(&c->items[n - 1], &c->items[i]);
        else
            c->items[n++] = c->items[i];
    }
    c->n = n;
    n = c->own;
    for (size_t i = c->own; i < c->n; i++)
        if (c->items[i].has_y && (c->items[i].has_x || !c->needs_x))
            c->items[n++] = c->items[i];
    c->n = n;
    kept = c->own;
    while (c->n > c->own && kept > 0 && c->items[kept - 1].step >= c->items[c->own].step)
        kept--;
    if (kept < c->own) {
        n = kept;
        for (size_t i = c->own; i < c->n; i++)
            c->items[n++] = c->items[i];
        c->n = n;
    }
    c->own = c->n;
    c->mixed = false;
}

void curve_add(struct curve *c, const struct curve_sample *sample)
{
    struct curve_sample *last = c->n > c->own ? &c->items[c->n - 1] : NULL;
    if (last && last->attempt != sample->attempt) {
        attempt_settle(c);
        last = NULL;
    }
    if (last && last->step == sample->step) {
        sample_merge(last, sample);
        return;
    }
    c->mixed |= last && last->step > sample->step;
    c->items = mem_grow(c->items, &c->cap, c->n + 1, sizeof *c->items);
    c->items[c->n++] = *sample;
}

void curve_end(struct curve *c)
{
    attempt_settle(c);
    for (size_t i = 0; i < c->n && !c->needs_x; i++)
        c->items[i].x = (double)c->items[i].step;
}

void curve_order(struct curve *c)
{
    size_t n = 0;
    bool ascends = true;
    for (size_t i = 0; i < c->n; i++) {
        if (!isfinite(c->items[i].x))
            continue;
        c->items[n++] = c->items[i];
        ascends &= n < 2 || c->items[n - 2].x <= c->items[n - 1].x;
    }
    c->n = n;
    if (!ascends)
        samples_sort(c->items, c->n, by_x);
}

void curve_smooth(const struct curve *c, double weight, double *ys)
{
    double sum = 0, all = 0, at = 0, distance = NAN, factor = weight;
    double mean = c->n > 1 ? (c->items[c->n - 1].x - c->items[0].x) / (double)(c->n - 1) : 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct curve_sample *s = &c->items[i];
        ys[i] = s->y;
        if (!isfinite(s->y))
            continue;
        if (all > 0 && s->x - at != distance) { /* mostly the same as before */
            distance = s->x - at;
            factor = mean > 0 ? pow(weight, distance / mean) : weight;
        }
        at = s->x;
        sum = sum * factor + s->y;
        all = all * factor + 1;
        ys[i] = sum / all;
    }
}

static double range_place(const struct curve_range *r, double from, double to, double x)
{
    if (r->log)
        return (log(x) - log(from)) / (log(to) - log(from));
    return (x - from) / (to - from);
}

/* The samples first to end are in the range. */
static void range_find(const struct curve *c, const struct curve_range *r, size_t *first,
                       size_t *end)
{
    *first = 0;
    while (*first < c->n && (c->items[*first].x < r->from || (r->log && c->items[*first].x <= 0)))
        ++*first;
    *end = c->n;
    while (*end > *first && c->items[*end - 1].x > r->to)
        --*end;
}

struct column {
    size_t first, last, least, greatest, odd; /* SIZE_MAX: none */
};

static size_t index_push(size_t *ret, size_t n, size_t index)
{
    return index == SIZE_MAX || (n > 0 && ret[n - 1] == index) ? n : (ret[n] = index, n + 1);
}

static int by_index(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t column_give(const struct column *k, size_t *ret, size_t n)
{
    size_t all[CURVE_COLUMN_POINTS] = {k->first, k->last, k->least, k->greatest, k->odd};
    qsort(all, CURVE_COLUMN_POINTS, sizeof *all, by_index);
    for (int i = 0; i < CURVE_COLUMN_POINTS; i++)
        n = index_push(ret, n, all[i]);
    return n;
}

static size_t range_thin(const struct curve *c, const double *ys, const struct curve_range *r,
                         size_t first, size_t end, size_t *ret, size_t n)
{
    size_t columns = r->points >= CURVE_COLUMN_POINTS ? r->points / CURVE_COLUMN_POINTS : 1;
    double from = isnan(r->from) || (r->log && r->from <= 0) ? c->items[first].x : r->from;
    double to = isnan(r->to) ? c->items[end - 1].x : r->to;
    struct column now = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    size_t at = SIZE_MAX;
    for (size_t i = first; i < end; i++) {
        double y = ys ? ys[i] : c->items[i].y;
        double place = to > from ? range_place(r, from, to, c->items[i].x) * (double)columns : 0;
        size_t column = place < (double)columns ? (size_t)(place > 0 ? place : 0) : columns - 1;
        if (column != at && at != SIZE_MAX) {
            n = column_give(&now, ret, n);
            now = (struct column){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
        }
        at = column;
        if (!isfinite(y)) {
            now.odd = now.odd == SIZE_MAX ? i : now.odd;
            continue;
        }
        now.first = now.first == SIZE_MAX ? i : now.first;
        now.last = i;
        if (now.least == SIZE_MAX || y < (ys ? ys[now.least] : c->items[now.least].y))
            now.least = i;
        if (now.greatest == SIZE_MAX || y > (ys ? ys[now.greatest] : c->items[now.greatest].y))
            now.greatest = i;
    }
    return column_give(&now, ret, n);
}

size_t curve_thin(const struct curve *c, const double *ys, const struct curve_range *r, size_t *ret,
                  size_t *ret_of)
{
    size_t first, end, n = 0;
    range_find(c, r, &first, &end);
    *ret_of = end - first;
    if (first > 0 && !(r->log && c->items[first - 1].x <= 0))
        ret[n++] = first - 1;
    if (*ret_of > r->points)
        n = range_thin(c, ys, r, first, end, ret, n);
    else
        for (size_t i = first; i < end; i++)
            ret[n++] = i;
    if (end < c->n)
        ret[n++] = end;
    return n;
}

double curve_column_x(const struct curve_range *r, size_t i, size_t n)
{
    double at = (double)i, last = (double)n - 1;
    if (i + 1 == n)
        return r->to;
    if (i == 0)
        return r->from;
    /* Multiplies first: among whole numbers it is exact, and meets each step. */
    return r->log ? exp(log(r->from) + at * (log(r->to) - log(r->from)) / last)
                  : r->from + at * (r->to - r->from) / last;
}

void curve_columns(const struct curve *c, const struct curve_range *r, size_t n, double *ret)
{
    double value = NAN;
    for (size_t i = 0, at = 0; i < n; i++) {
        double x = curve_column_x(r, i, n);
        bool over = at == c->n; /* before this column: it has ended */
        for (; at < c->n && c->items[at].x <= x; at++)
            if (isfinite(c->items[at].y))
                value = c->items[at].y;
        ret[i] = over ? NAN : value;
    }
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

size_t curve_spread(double *values, size_t n, double ret[CURVE_QUANTILES])
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            values[kept++] = values[i];
    if (kept > 0)
        qsort(values, kept, sizeof *values, by_value);
    for (int q = 0; q < CURVE_QUANTILES; q++) {
        double at = curve_quantiles[q] * (double)(kept ? kept - 1 : 0);
        size_t low = (size_t)at;
        double more = low + 1 < kept ? (at - (double)low) * (values[low + 1] - values[low]) : 0;
        ret[q] = kept ? values[low] + more : NAN;
    }
    return kept;
}
