/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_curves.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/view/view_inside.h"

enum { BAND_COLUMNS_MAX = 200, BAND_POINTS = 2000 /* kept of a trial, to be summed up */ };

static void number_print(struct buf *out, bool first, double number)
{
    const struct value v = {.kind = VALUE_FLOAT, .f = number};
    buf_adds(out, first ? "" : ",");
    json_print(out, &v, JSON_COMPACT);
}

static void line_print(struct buf *out, const char *name, const struct curve *c, const double *ys,
                       const size_t *at, size_t n)
{
    buf_addf(out, ",\"%sx\":[", name);
    for (size_t i = 0; i < n; i++)
        number_print(out, i == 0, c->items[at[i]].x);
    buf_addf(out, "],\"%sy\":[", name);
    for (size_t i = 0; i < n; i++)
        number_print(out, i == 0, ys ? ys[at[i]] : c->items[at[i]].y);
    buf_adds(out, "]");
}

static void attempts_print(struct buf *out, const struct curve *c)
{
    bool first = true;
    if (c->n == 0 || c->items[c->n - 1].attempt == 1)
        return;
    buf_adds(out, ",\"attempts\":[");
    for (size_t i = 0; i < c->n; i++) {
        if (i > 0 && c->items[i - 1].attempt == c->items[i].attempt)
            continue;
        buf_addf(out, "%s[%u", first ? "" : ",", c->items[i].attempt);
        number_print(out, false, c->items[i].x);
        buf_adds(out, "]");
        first = false;
    }
    buf_adds(out, "]");
}

static void marks_print(struct buf *out, const struct curve *c, const struct view_curves *q)
{
    buf_adds(out, q->marks_n ? ",\"marks\":[" : "");
    for (size_t m = 0; m < q->marks_n; m++) {
        size_t i = 0;
        for (uint64_t seen = 0; i < c->n; i++)
            if (isfinite(c->items[i].y) && ++seen == q->marks[m])
                break;
        if (i < c->n)
            number_print(out, m == 0, c->items[i].x);
        else
            buf_adds(out, m ? ",null" : "null");
    }
    buf_adds(out, q->marks_n ? "]" : "");
}

static void curve_print(const struct curve *c, uint64_t trial, const struct view_curves *q,
                        struct buf *out)
{
    size_t of, *at = mem_alloc((q->range.points + 2 + CURVE_COLUMN_POINTS) * sizeof *at);
    size_t n = curve_thin(c, NULL, &q->range, at, &of);
    buf_addf(out, "{\"trial\":%llu,\"of\":%zu", (unsigned long long)trial, of);
    if (of > q->range.points)
        buf_addf(out, ",\"thin\":%zu",
                 of / (q->range.points / CURVE_COLUMN_POINTS ? q->range.points / CURVE_COLUMN_POINTS
                                                             : 1));
    line_print(out, "", c, NULL, at, n);
    if (q->smooth > 0 && c->n > 0) {
        double *ys = mem_alloc(c->n * sizeof *ys);
        curve_smooth(c, q->smooth, ys);
        n = curve_thin(c, ys, &q->range, at, &of);
        line_print(out, "s", c, ys, at, n);
        mem_free(ys);
    }
    attempts_print(out, c);
    marks_print(out, c, q);
    buf_adds(out, "}");
    mem_free(at);
}

static void x_print(struct buf *out, const struct view_curves *q)
{
    static const char *const names[] = {"step", "time", "wall", "gpuh", NULL};
    const char *name = names[q->curve.x] ? names[q->curve.x] : q->curve.x_metric;
    buf_adds(out, "{\"metric\":");
    json_print_str(out, q->curve.metric, strlen(q->curve.metric));
    buf_adds(out, ",\"x\":");
    json_print_str(out, name, strlen(name));
}

static int curves_write(struct view *v, const char *sweep, const struct view_curves *q,
                        struct buf *out, struct err *err)
{
    int rc = 0;
    x_print(out, q);
    buf_adds(out, ",\"curves\":[");
    for (size_t i = 0; rc == 0 && i < q->trials_n; i++) {
        struct curve c;
        rc = view_curve_read(v, sweep, q->trials[i], &q->curve, &c, err);
        buf_adds(out, i ? ",\n" : "");
        if (rc == 0)
            curve_print(&c, q->trials[i], q, out);
        curve_done(&c);
    }
    buf_adds(out, "]}\n");
    return rc;
}

/* Leaves of a long curve what curve_thin() keeps: many are held at once. */
static void curve_shrink(struct curve *c)
{
    const struct curve_range all = {.from = NAN, .to = NAN, .points = BAND_POINTS};
    size_t of;
    if (c->n <= BAND_POINTS)
        return;
    size_t *at = mem_alloc((BAND_POINTS + 2 + CURVE_COLUMN_POINTS) * sizeof *at);
    size_t n = curve_thin(c, NULL, &all, at, &of);
    struct curve_sample *few = mem_alloc(n * sizeof *few);
    for (size_t i = 0; i < n; i++)
        few[i] = c->items[at[i]];
    mem_free(c->items);
    mem_free(at);
    *c = (struct curve){.items = few, .n = n, .cap = n};
}

struct band {
    struct curve *curves;
    size_t n;
    struct curve_range range;
    size_t columns;
};

static void range_widen(struct curve_range *r, const struct curve *c,
                        const struct curve_range *asked)
{
    for (size_t i = 0; i < c->n; i++) {
        double x = c->items[i].x;
        if (asked->log && x <= 0)
            continue;
        if (isnan(asked->from) && !(x >= r->from))
            r->from = x;
        if (isnan(asked->to) && !(x <= r->to))
            r->to = x;
    }
}

static void band_print(const struct band *b, struct buf *out)
{
    static const char *const names[] = {"x", "n", "q10", "q25", "q50", "q75", "q90"};
    enum { COUNT = sizeof names / sizeof *names };
    double *rows = mem_alloc((b->n * b->columns + 1) * sizeof *rows);
    double *column = mem_alloc((b->n + 1) * sizeof *column);
    double *table = mem_alloc((COUNT * b->columns + 1) * sizeof *table);
    for (size_t i = 0; i < b->n; i++)
        curve_columns(&b->curves[i], &b->range, b->columns, &rows[i * b->columns]);
    for (size_t k = 0; k < b->columns; k++) {
        double *cells = &table[COUNT * k];
        for (size_t i = 0; i < b->n; i++)
            column[i] = rows[i * b->columns + k];
        cells[0] = curve_column_x(&b->range, k, b->columns);
        cells[1] = (double)curve_spread(column, b->n, &cells[2]);
    }
    buf_adds(out, ",\"bands\":{");
    for (size_t name = 0; name < COUNT; name++) {
        buf_addf(out, "%s\"%s\":[", name ? "," : "", names[name]);
        for (size_t k = 0; k < b->columns; k++)
            number_print(out, k == 0, table[COUNT * k + name]);
        buf_adds(out, "]");
    }
    buf_adds(out, "}}\n");
    mem_free(rows);
    mem_free(column);
    mem_free(table);
}

static int band_write(struct view *v, const char *sweep, const struct view_curves *q,
                      struct buf *out, struct err *err)
{
    struct band b = {.curves = mem_alloc((q->trials_n + 1) * sizeof *b.curves), .range = q->range};
    size_t steps = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < q->trials_n; i++) {
        struct curve *c = &b.curves[b.n];
        rc = view_curve_read(v, sweep, q->trials[i], &q->curve, c, err);
        curve_shrink(c);
        range_widen(&b.range, c, &q->range);
        steps = c->n > steps ? c->n : steps;
        if (c->n > 0)
            b.n++;
        else
            curve_done(c);
    }
    b.columns = q->range.points < BAND_COLUMNS_MAX ? q->range.points : BAND_COLUMNS_MAX;
    b.columns = steps < b.columns ? steps : b.columns;
    if (!(b.range.to >= b.range.from))
        b.columns = 0;
    x_print(out, q);
    buf_addf(out, ",\"of\":%zu", b.n);
    if (rc == 0)
        band_print(&b, out);
    for (size_t i = 0; i < b.n; i++)
        curve_done(&b.curves[i]);
    mem_free(b.curves);
    return rc;
}

int view_curves_write(struct view *v, const char *sweep, const struct view_curves *q,
                      struct buf *out, struct err *err)
{
    if (v->remote)
        return err_set(err, ERR_UNSUPPORTED, "curves are read where the store is");
    return q->band ? band_write(v, sweep, q, out, err) : curves_write(v, sweep, q, out, err);
}
