/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curves: what each trial reported, by its step. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/look/looking.h"
#include "cli/picture/picture.h"

enum {
    LEFT = 52,
    RIGHT = 8,
    TOP = 26,
    BOTTOM = 36,
    POINTS = 60000 /* of all curves, about */,
    LEAST = 3
};

struct curve {
    size_t trial, place; /* place: from best to worst, or of the ranked trials */
    bool ranked;
    double *x, *y;
    size_t n, cap, cap_y;
};

struct curves_plot {
    const struct picture *p;
    struct curve *items;
    size_t n, of; /* drawn, of so many with points */
    struct scale x, y;
    struct frame data;
    double pixels; /* the width of a column of thinned points */
};

struct gathering {
    struct curve *curve;
    const char *metric;
};

static int gather_point(void *arg, const struct value *point)
{
    const struct gathering *g = arg;
    struct curve *c = g->curve;
    double y = value_get_float(value_get(point, "metrics"), g->metric, NAN);
    if (!isfinite(y))
        return 0;
    c->x = mem_grow(c->x, &c->cap, c->n + 1, sizeof *c->x);
    c->y = mem_grow(c->y, &c->cap_y, c->n + 1, sizeof *c->y);
    c->x[c->n] = (double)value_get_int(point, "step", 0);
    c->y[c->n++] = y;
    return 0;
}

static int curve_read(struct curves_plot *cp, struct looking *l, size_t trial, size_t place,
                      bool ranked, struct err *err)
{
    const struct evidence *e = cp->p->e;
    const struct evidence_trial *t = &e->trials[trial];
    struct curve *c = &cp->items[cp->n];
    *c = (struct curve){.trial = trial, .place = place, .ranked = ranked};
    struct gathering g = {c, e->metric};
    int rc = view_points(l->view, e->id, t->number, t->attempt, gather_point, &g, err);
    if (c->n > 0)
        cp->n++;
    return rc;
}

/* The ranked trials, thinned, and then failed and running ones as long as there is room. */
static int curves_read(struct curves_plot *cp, struct looking *l, struct err *err)
{
    const struct picture *p = cp->p;
    size_t *chosen = mem_alloc((PICTURE_CURVES + 1) * sizeof *chosen);
    size_t n = picture_choose(p->ranked_n, PICTURE_CURVES, chosen), others = PICTURE_CURVES - n;
    int rc = 0;
    cp->of = p->ranked_n;
    for (size_t i = n; i-- > 0 && !rc;)
        rc = curve_read(cp, l, p->ranked[chosen[i]], chosen[i], true, err);
    for (size_t i = 0; i < p->e->n && !rc; i++) {
        const struct evidence_trial *t = &p->e->trials[i];
        bool is_other = t->state != TRIAL_FINISHED && t->state != TRIAL_STOPPED && t->attempt > 0;
        if (!is_other)
            continue;
        cp->of++;
        if (others > 0) {
            others--;
            rc = curve_read(cp, l, i, 0, false, err);
        }
    }
    mem_free(chosen);
    return rc;
}

static void curves_scale(struct curves_plot *cp)
{
    size_t n = 0, k = 0;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < cp->n; i++)
        n += cp->items[i].n;
    double *values = mem_alloc((n + 1) * sizeof *values);
    for (size_t i = 0; i < cp->n; i++)
        for (size_t j = 0; j < cp->items[i].n; j++) {
            values[k++] = cp->items[i].y[j];
            low = fmin(low, cp->items[i].x[j]);
            high = fmax(high, cp->items[i].x[j]);
        }
    scale_fit(&cp->y, values, k, cp->p->e->maximize);
    mem_free(values);
    cp->pixels = fmax(LEAST, 4 * cp->data.w * (double)cp->n / POINTS);
    cp->x = (struct scale){.whole = true, .low = low, .high = high};
    scale_open(&cp->x);
    cp->x.from = cp->data.x + 2;
    cp->x.to = cp->data.x + cp->data.w - 6;
    cp->y.from = cp->data.y + cp->data.h;
    cp->y.to = cp->data.y;
}

/* Of the points in one column of pixels: the first, the least, the greatest, the last. */
struct column {
    double x[4], y[4];
    bool any;
};

static void column_add(struct column *c, double x, double y)
{
    if (!c->any) {
        for (int i = 0; i < 4; i++) {
            c->x[i] = x;
            c->y[i] = y;
        }
        c->any = true;
    }
    if (y < c->y[1]) {
        c->x[1] = x;
        c->y[1] = y;
    }
    if (y > c->y[2]) {
        c->x[2] = x;
        c->y[2] = y;
    }
    c->x[3] = x;
    c->y[3] = y;
}

static void column_flush(struct buf *out, struct column *c, bool *down)
{
    bool swap = c->x[1] > c->x[2];
    int order[] = {0, swap ? 2 : 1, swap ? 1 : 2, 3};
    double last_x = NAN, last_y = NAN;
    for (int i = 0; i < 4 && c->any; i++) {
        double x = c->x[order[i]], y = c->y[order[i]];
        if (x == last_x && y == last_y)
            continue;
        if (*down)
            svg_to(out, x, y);
        else
            svg_move(out, x, y);
        *down = true;
        last_x = x;
        last_y = y;
    }
    c->any = false;
}

static void curve_draw(const struct curves_plot *cp, const struct curve *c)
{
    struct column column = {0};
    struct buf *out = cp->p->out;
    bool down = false, thin = (double)c->n > 4 * cp->data.w / cp->pixels;
    double at = -INFINITY;
    for (size_t i = 0; i < c->n; i++) {
        double x = scale_at(&cp->x, c->x[i]);
        double y = cp->y.log && !(c->y[i] > 0) ? cp->y.from
                                               : scale_at(&cp->y, picture_clamp(&cp->y, c->y[i]));
        if (!thin || floor(x / cp->pixels) != at)
            column_flush(out, &column, &down);
        at = floor(x / cp->pixels);
        column_add(&column, x, y);
    }
    column_flush(out, &column, &down);
    if (c->n == 1)
        buf_adds(out, "h.01");
}

static void ends_draw(const struct curves_plot *cp, enum trial_state state, const char *classes)
{
    struct buf *out = cp->p->out;
    svg_path_begin(out, classes);
    for (size_t i = 0; i < cp->n; i++) {
        const struct curve *c = &cp->items[i];
        if (cp->p->e->trials[c->trial].state != state)
            continue;
        double x = scale_at(&cp->x, c->x[c->n - 1]), last = c->y[c->n - 1];
        double y =
            cp->y.log && !(last > 0) ? cp->y.from : scale_at(&cp->y, picture_clamp(&cp->y, last));
        if (state == TRIAL_STOPPED)
            svg_diamond(out, x, y, 2.6);
        else
            svg_cross(out, x, y, 3);
    }
    svg_path_end(out);
}

/* The worst first. A path has the curves of one colour; the stopped ones are paler. */
static void lines_draw(const struct curves_plot *cp)
{
    const struct picture *p = cp->p;
    for (int colour = PICTURE_COLOURS - 1; colour >= 0; colour--)
        for (int stopped = 1; stopped >= 0; stopped--) {
            svg_path_begin(p->out, arena_printf(p->arena, "%s c%d", stopped ? "q" : "k", colour));
            for (size_t i = 0; i < cp->n; i++) {
                const struct curve *c = &cp->items[i];
                bool is_stopped = p->e->trials[c->trial].state == TRIAL_STOPPED;
                if (c->ranked && is_stopped == (stopped == 1) &&
                    picture_colour(c->place, p->ranked_n) == colour)
                    curve_draw(cp, c);
            }
            svg_path_end(p->out);
        }
    svg_path_begin(p->out, "q u");
    for (size_t i = 0; i < cp->n; i++)
        if (!cp->items[i].ranked)
            curve_draw(cp, &cp->items[i]);
    svg_path_end(p->out);
    svg_path_begin(p->out, "l3");
    for (size_t i = 0; i < cp->n; i++)
        if (cp->items[i].ranked && cp->items[i].place == 0)
            curve_draw(cp, &cp->items[i]);
    svg_path_end(p->out);
}

static void curves_free(struct curves_plot *cp)
{
    for (size_t i = 0; i < cp->n; i++) {
        mem_free(cp->items[i].x);
        mem_free(cp->items[i].y);
    }
    mem_free(cp->items);
}

int picture_curves(const struct picture *p, const struct frame *f, struct looking *l,
                   struct err *err)
{
    struct curves_plot cp = {.p = p, .items = mem_alloc((PICTURE_CURVES + 1) * sizeof *cp.items)};
    cp.data = (struct frame){f->x + LEFT, f->y + TOP, f->w - LEFT - RIGHT, f->h - TOP - BOTTOM};
    int rc = curves_read(&cp, l, err);
    if (!rc && cp.n == 0) {
        picture_title(p, f, "Curves", "");
        picture_empty(p, f, "no trial has reported this metric yet");
    } else if (!rc) {
        curves_scale(&cp);
        picture_axis_y(p, &cp.data, &cp.y);
        picture_axis_x(p, &cp.data, &cp.x, "step");
        lines_draw(&cp);
        ends_draw(&cp, TRIAL_STOPPED, "d2");
        ends_draw(&cp, TRIAL_FAILED, "x1");
        const char *thin = picture_thinned(p->arena, cp.n, cp.of > cp.n ? cp.of : cp.n);
        bool any_stopped = p->e->in_state[TRIAL_STOPPED] > 0;
        picture_title_of_ranks(p, f, arena_printf(p->arena, "Curves: %.60s by step", p->e->metric),
                               arena_printf(p->arena, "%s%s%s", thin,
                                            *thin && any_stopped ? "; " : "",
                                            any_stopped ? "stopped ones are paler" : ""));
    }
    curves_free(&cp);
    return rc;
}
