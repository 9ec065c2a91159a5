/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/surface.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/gp_fit.h"
#include "strategies/model/warp.h"

enum { FIT_CALLS = 25, NUMBER_BYTES = 40 };

/* Two coordinates explain a part of the losses only, so noise is believed in; lengths as in
 * strategies/bayes/surrogate.c. */
static const struct gp_belief belief = {
    .length = -0.35, .length_sd = 0.7, .amplitude_sd = 0.5, .noise = -1, .noise_sd = 2};

static int axis_find(struct surface_axis *axis, const struct factors *fs, const char *what,
                     const char *name, struct err *err)
{
    for (size_t i = 0; name && i < fs->n && !axis->factor; i++)
        if (strcmp(fs->items[i].p->name, name) == 0)
            axis->factor = &fs->items[i];
    const struct factor *f = axis->factor;
    if (!f)
        return err_set(err, ERR_USAGE, "%s=%.80s: not a parameter with more than one value", what,
                       name ? name : "");
    bool is_list = f->scale == FACTOR_CATEGORY;
    if (is_list && factor_places(f) > SURFACE_SIDE)
        return err_set(err, ERR_USAGE, "%s=%.80s has %zu values: a surface shows at most %d", what,
                       name, factor_places(f), SURFACE_SIDE);
    bool each = f->scale == FACTOR_LINEAR && f->levels > 1 && f->levels <= SURFACE_SIDE;
    axis->n = is_list ? factor_places(f) : each ? (size_t)f->levels : SURFACE_SIDE;
    for (size_t i = 0; i < axis->n; i++) {
        double place =
            each ? (double)i / (double)(axis->n - 1) : ((double)i + 0.5) / (double)axis->n;
        axis->places[i] = is_list ? (double)i : place;
        axis->values[i] = is_list                  ? (double)i
                          : f->scale == FACTOR_LOG ? f->low * pow(f->high / f->low, place)
                                                   : f->low * (1 - place) + f->high * place;
    }
    return 0;
}

static double axis_place(const struct surface_axis *axis, size_t row)
{
    const struct factor *f = axis->factor;
    double x = f->values[row];
    return f->scale == FACTOR_CATEGORY ? x : factor_place(f, x);
}

/* Places of the trials in both parameters, and their losses. */
struct marks {
    size_t n;
    double *at; /* n x 2 */
    double *losses;
};

static void marks_read(struct marks *m, const struct surface *s, const struct evidence *e)
{
    m->n = 0;
    m->at = mem_alloc((e->used.rows + 1) * 2 * sizeof *m->at);
    m->losses = mem_alloc((e->used.rows + 1) * sizeof *m->losses);
    for (size_t row = 0; row < e->used.rows; row++) {
        double x = axis_place(&s->x, row), y = axis_place(&s->y, row);
        if (!isfinite(x) || !isfinite(y))
            continue;
        m->at[2 * m->n] = x;
        m->at[2 * m->n + 1] = y;
        m->losses[m->n++] = e->losses[row];
    }
}

static bool axis_is_near(const struct surface_axis *axis, size_t i, double place)
{
    double away = fabs(axis->places[i] - place);
    return axis->factor->scale == FACTOR_CATEGORY ? away < 0.5 : away <= SURFACE_NEAR;
}

/* Leaves NaN where no trial is near. */
static void surface_hatch(struct surface *s, const struct marks *m)
{
    bool known[SURFACE_SIDE * SURFACE_SIDE] = {false};
    for (size_t k = 0; k < m->n; k++)
        for (size_t j = 0; j < s->y.n; j++) {
            if (!axis_is_near(&s->y, j, m->at[2 * k + 1]))
                continue;
            for (size_t i = 0; i < s->x.n; i++)
                known[j * s->x.n + i] |= axis_is_near(&s->x, i, m->at[2 * k]);
        }
    for (size_t i = 0; i < s->x.n * s->y.n; i++)
        s->mean[i] = known[i] ? s->mean[i] : NAN;
}

/* An even choice of at most `most` trials. */
static size_t marks_choose(const struct marks *m, const double *warped, size_t most, double *at,
                           double *ret_y)
{
    size_t n = m->n < most ? m->n : most;
    for (size_t i = 0; i < n; i++) {
        size_t k = i * m->n / n;
        memcpy(at + 2 * i, m->at + 2 * k, 2 * sizeof *at);
        ret_y[i] = warped[k];
    }
    return n;
}

static void surface_model(struct surface *s, const struct marks *m, bool maximize)
{
    const unsigned char kinds[2] = {
        s->x.factor->scale == FACTOR_CATEGORY ? FEATURE_CATEGORY : FEATURE_NUMBER,
        s->y.factor->scale == FACTOR_CATEGORY ? FEATURE_CATEGORY : FEATURE_NUMBER};
    size_t cells = s->x.n * s->y.n;
    double *warped = mem_alloc(m->n * sizeof *warped), *y = mem_alloc(m->n * sizeof *y);
    double *at = mem_alloc(2 * m->n * sizeof *at), *grid = mem_alloc(2 * cells * sizeof *grid);
    double *sd = mem_alloc(cells * sizeof *sd);
    struct warp w;
    struct gp g;
    warp_losses(&w, m->losses, m->n, WARP_LEAST, warped);
    gp_init(&g, 2, kinds);
    g.belief = belief;
    size_t n = marks_choose(m, warped, SURFACE_FIT_MAX, at, y);
    gp_fit(&g, at, y, n, FIT_CALLS);
    s->model = marks_choose(m, warped, SURFACE_MODEL_MAX, at, y);
    gp_condition(&g, at, y, s->model);
    for (size_t i = 0; i < cells; i++) {
        grid[2 * i] = s->x.places[i % s->x.n];
        grid[2 * i + 1] = s->y.places[i / s->x.n];
    }
    gp_predict(&g, grid, cells, s->mean, sd);
    for (size_t i = 0; i < cells; i++) {
        double loss = warp_invert(&w, s->mean[i]);
        s->mean[i] = maximize ? -loss : loss;
    }
    gp_done(&g);
    mem_free(sd);
    mem_free(grid);
    mem_free(at);
    mem_free(y);
    mem_free(warped);
}

int surface_find(struct surface *s, const struct evidence *e, const char *x, const char *y,
                 struct err *err)
{
    struct marks m;
    *s = (struct surface){0};
    int rc = axis_find(&s->x, &e->used, "x", x, err);
    if (rc == 0)
        rc = axis_find(&s->y, &e->used, "y", y, err);
    if (rc)
        return rc;
    if (s->x.factor == s->y.factor)
        return err_set(err, ERR_USAGE, "x and y are the same parameter");
    marks_read(&m, s, e);
    s->trials = m.n;
    s->made = m.n >= SURFACE_TRIALS_MIN;
    if (s->made) {
        surface_model(s, &m, e->maximize);
        surface_hatch(s, &m);
    }
    mem_free(m.at);
    mem_free(m.losses);
    return 0;
}

/* With the five digits that a picture shows. */
static struct value *number_value(struct arena *a, double x)
{
    char text[NUMBER_BYTES];
    snprintf(text, sizeof text, "%.5g", x);
    return isnan(x) ? value_null(a) : value_float(a, strtod(text, NULL));
}

static struct value *axis_value(struct arena *a, const struct surface_axis *axis)
{
    static const char *const scales[] = {"linear", "log", "category"};
    const struct factor *f = axis->factor;
    struct value *v = value_dict(a), *values = value_list(a);
    for (size_t i = 0; i < axis->n; i++)
        value_push(a, values,
                   f->scale != FACTOR_CATEGORY ? number_value(a, axis->values[i])
                   : i < f->levels             ? value_copy(a, f->p->distinct->list.items[i])
                                               : value_null(a));
    value_put(a, v, "name", value_str(a, f->p->name));
    value_put(a, v, "scale", value_str(a, scales[f->scale]));
    value_put(a, v, "values", values);
    return v;
}

static struct value *mean_value(struct arena *a, const struct surface *s)
{
    struct value *rows = value_list(a);
    for (size_t j = 0; j < s->y.n; j++) {
        struct value *row = value_list(a);
        for (size_t i = 0; i < s->x.n; i++)
            value_push(a, row, number_value(a, s->mean[j * s->x.n + i]));
        value_push(a, rows, row);
    }
    return rows;
}

struct value *surface_value(struct arena *a, const struct surface *s, const struct evidence *e)
{
    struct value *v = value_dict(a), *notes = value_list(a);
    size_t missing = s->made ? 0 : SURFACE_TRIALS_MIN - s->trials;
    value_put(a, v, "metric", value_str(a, e->metric));
    value_put(a, v, "goal", value_str(a, e->maximize ? "maximize" : "minimize"));
    value_put(a, v, "at", evidence_at(e, a));
    value_put(a, v, "x", axis_value(a, &s->x));
    value_put(a, v, "y", axis_value(a, &s->y));
    value_put(a, v, "trials", value_int(a, (int64_t)s->trials));
    value_put(a, v, "model", value_int(a, (int64_t)s->model));
    value_put(a, v, "missing", value_int(a, (int64_t)missing));
    value_put(a, v, "mean", s->made ? mean_value(a, s) : value_null(a));
    if (!s->made)
        value_push(
            a, notes,
            value_str(a, arena_printf(a, "No model yet: it needs %zu more %s (%zu of %d).%s",
                                      missing, evidence_basis(e, a), s->trials, SURFACE_TRIALS_MIN,
                                      evidence_stopped(e, SURFACE_TRIALS_MIN, a))));
    else
        value_push(
            a, notes,
            value_str(a, arena_printf(a,
                                      "The mean of a Gaussian process of these two parameters, "
                                      "from %zu of %zu %s: all other parameters are as they were "
                                      "in the trials. Hatched: none of these trials within a "
                                      "tenth of both ranges.",
                                      s->model, s->trials, evidence_basis(e, a))));
    value_put(a, v, "notes", notes);
    return v;
}
