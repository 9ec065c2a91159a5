/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_curves.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

struct sample {
    double x, y;
};

struct curve {
    const char *metric;
    struct sample *points; /* ascending in x */
    size_t n, cap;
};

/* What is drawn of one span. */
struct span {
    double x, last, min, max;
};

static int curve_add(void *arg, const struct value *point)
{
    struct curve *c = arg;
    const struct value *y = value_get(value_get(point, "metrics"), c->metric);
    const struct value *step = value_get(point, "step");
    if (!y || y->kind != VALUE_FLOAT || !step || step->kind != VALUE_INT)
        return 0;
    double x = (double)step->i;
    while (c->n > 0 && c->points[c->n - 1].x >= x) /* a later attempt went back */
        c->n--;
    c->points = mem_grow(c->points, &c->cap, c->n + 1, sizeof *c->points);
    c->points[c->n++] = (struct sample){x, y->f};
    return 0;
}

/* Cuts the curve into spans of equal width. Returns how many have a point. */
static size_t curve_thin(const struct curve *c, size_t most, struct span *spans)
{
    double from = c->points[0].x, width = (c->points[c->n - 1].x - from) / (double)most;
    size_t n = 0, at = SIZE_MAX;
    for (size_t i = 0; i < c->n; i++) {
        const struct sample *p = &c->points[i];
        double place = width > 0 ? (p->x - from) / width : 0;
        size_t span = place < (double)most ? (size_t)place : most - 1;
        if (span != at)
            spans[n++] = (struct span){.min = NAN, .max = NAN};
        at = span;
        struct span *s = &spans[n - 1];
        s->x = p->x;
        s->last = p->y;
        s->min = isnan(s->min) || p->y < s->min ? p->y : s->min;
        s->max = isnan(s->max) || p->y > s->max ? p->y : s->max;
    }
    return n;
}

static void numbers_print(struct buf *out, const char *name, const double *first, size_t stride,
                          size_t n)
{
    buf_addf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        const struct value v = {.kind = VALUE_FLOAT, .f = first[i * stride]};
        buf_adds(out, i ? "," : "");
        json_print(out, &v, JSON_COMPACT);
    }
    buf_adds(out, "]");
}

static void curve_print(const struct curve *c, uint64_t trial, size_t most, struct buf *out)
{
    const size_t two = sizeof(struct sample) / sizeof(double);
    const size_t four = sizeof(struct span) / sizeof(double);
    buf_addf(out, "{\"trial\":%llu,\"of\":%zu", (unsigned long long)trial, c->n);
    if (c->n <= most) {
        numbers_print(out, "x", c->n ? &c->points->x : NULL, two, c->n);
        numbers_print(out, "last", c->n ? &c->points->y : NULL, two, c->n);
    } else {
        struct span *spans = mem_alloc(most * sizeof *spans);
        size_t n = curve_thin(c, most, spans);
        numbers_print(out, "x", &spans->x, four, n);
        numbers_print(out, "last", &spans->last, four, n);
        numbers_print(out, "min", &spans->min, four, n);
        numbers_print(out, "max", &spans->max, four, n);
        mem_free(spans);
    }
    buf_adds(out, "}");
}

int view_curves_write(struct view *v, const char *sweep, const struct view_curves *q,
                      struct buf *out, struct err *err)
{
    struct curve c = {.metric = q->metric};
    int rc = 0;
    buf_adds(out, "{\"metric\":");
    json_print_str(out, q->metric, strlen(q->metric));
    buf_adds(out, ",\"curves\":[");
    for (size_t i = 0; rc == 0 && i < q->trials_n; i++) {
        c.n = 0;
        rc = view_points(v, sweep, q->trials[i], 0, curve_add, &c, err);
        buf_adds(out, i ? ",\n" : "");
        curve_print(&c, q->trials[i], (size_t)q->points, out);
    }
    buf_adds(out, "]}\n");
    mem_free(c.points);
    return rc;
}
