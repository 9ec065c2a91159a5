/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices: the result against each parameter, in small plots, the most important parameter first. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/picture/category.h"
#include "cli/picture/picture.h"

enum {
    SLICES = 12,
    ROW = 176, /* the height of a plot with its labels */
    HEAD = 24,
    LEFT = 42,
    RIGHT = 10,
    TOP = 20,
    BOTTOM = 30,
    WIDTH = 230, /* about */
    RAIL = 22,   /* for trials without the parameter */
    DOTS = 800,
    BINS = 8,
    LEVELS = 12,     /* at most, for a median of each */
    MEDIAN_MIN = 40, /* trials, for a line of medians */
    NAMES = 6
};

struct slice {
    const struct picture *p;
    const struct factor *f;
    struct frame data;
    struct scale x, y;
    double rail; /* the middle of the rail; 0: no rail */
};

static size_t slices_count(const struct picture *p)
{
    return p->e->factors.n < SLICES ? p->e->factors.n : SLICES;
}

/* As many as fit, in rows of about the same length. */
static size_t slices_across(size_t n, double width)
{
    size_t most = (size_t)fmax(width / WIDTH, 1), rows = (n + most - 1) / most;
    return n == 0 ? 1 : (n + rows - 1) / rows;
}

double picture_slices_height(const struct picture *p, double width)
{
    size_t n = slices_count(p), across = slices_across(n, width);
    return p->ranked_n == 0 || n == 0 ? 80 : HEAD + ROW * (double)((n + across - 1) / across);
}

/* A deterministic shift within a category, so that equal values do not hide one another. */
static double trial_jitter(size_t trial)
{
    return (double)((uint32_t)trial * 2654435769u >> 8) / 0x1p24 - 0.5;
}

static double category_x(const struct slice *s, double i)
{
    double part = (i + 0.5) / (double)factor_places(s->f);
    return s->data.x + part * (s->data.w - (s->rail > 0 ? RAIL : 0));
}

static double dot_x(const struct slice *s, size_t trial)
{
    double v = s->f->values[trial];
    if (isnan(v) || (s->x.log && !(v > 0)))
        return s->rail + trial_jitter(trial) * 8;
    if (s->f->scale != FACTOR_CATEGORY)
        return scale_at(&s->x, picture_clamp(&s->x, v));
    double room = (s->data.w - (s->rail > 0 ? RAIL : 0)) / (double)factor_places(s->f);
    return category_x(s, v) + trial_jitter(trial) * fmin(room * 0.6, 30);
}

static double dot_y(const struct slice *s, size_t trial)
{
    return scale_at(&s->y, picture_clamp(&s->y, picture_value(s->p, trial)));
}

static bool trial_is_stopped(const struct picture *p, size_t trial)
{
    return p->e->trials[trial].state == TRIAL_STOPPED;
}

/* Diamonds are trials that were stopped early. */
static void marks_draw(const struct slice *s, const size_t *chosen, size_t n, bool stopped)
{
    const struct picture *p = s->p;
    svg_path_begin(p->out, stopped ? "d5" : "d4");
    for (size_t i = n; i-- > 0;) {
        size_t trial = p->ranked[chosen[i]];
        if (trial_is_stopped(p, trial) != stopped)
            continue;
        if (stopped)
            svg_diamond(p->out, dot_x(s, trial), dot_y(s, trial), 2.6);
        else
            svg_dot(p->out, dot_x(s, trial), dot_y(s, trial));
    }
    svg_path_end(p->out);
}

static size_t dots_draw(const struct slice *s)
{
    const struct picture *p = s->p;
    size_t *chosen = mem_alloc((DOTS + 1) * sizeof *chosen);
    size_t n = picture_choose(p->ranked_n, DOTS, chosen);
    marks_draw(s, chosen, n, true);
    marks_draw(s, chosen, n, false);
    mem_free(chosen);
    return n;
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median_of(double *values, size_t n)
{
    qsort(values, n, sizeof *values, double_compare);
    return n % 2 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
}

/* Then each level is a bin. */
static bool has_few_levels(const struct factor *f)
{
    return f->levels > 1 && f->levels <= LEVELS && f->scale == FACTOR_LINEAR;
}

/* The median of the trials in bin b: an eighth of the axis, or a category. n: of them. */
static double bin_median(const struct slice *s, size_t b, size_t bins, double *values,
                         size_t *ret_n)
{
    const struct picture *p = s->p;
    size_t n = 0;
    for (size_t i = 0; i < p->ranked_n; i++) {
        double v = s->f->values[p->ranked[i]];
        if (isnan(v))
            continue;
        double at = s->f->scale == FACTOR_CATEGORY ? v
                    : has_few_levels(s->f) ? rint(factor_place(s->f, v) * (double)(bins - 1))
                                           : factor_place(s->f, v) * (double)bins;
        at = fmin(fmax(at, 0), (double)(bins - 1));
        if ((size_t)at == b)
            values[n++] = picture_value(p, p->ranked[i]);
    }
    *ret_n = n;
    return n ? median_of(values, n) : NAN;
}

static void medians_draw(const struct slice *s)
{
    const struct picture *p = s->p;
    bool is_list = s->f->scale == FACTOR_CATEGORY, down = false;
    size_t bins = is_list ? factor_places(s->f) : BINS, n;
    if (p->ranked_n < MEDIAN_MIN || bins > 40)
        return;
    bool each = has_few_levels(s->f);
    bins = each ? (size_t)s->f->levels : bins;
    double *values = mem_alloc((p->ranked_n + 1) * sizeof *values);
    svg_path_begin(p->out, "l2");
    for (size_t b = 0; b < bins; b++) {
        double median = bin_median(s, b, bins, values, &n);
        if (n < 3 || median != picture_clamp(&s->y, median)) {
            down = false;
            continue;
        }
        double y = scale_at(&s->y, median);
        double part = each ? (double)b / (double)(bins - 1) : ((double)b + 0.5) / (double)bins;
        double x = is_list ? category_x(s, (double)b) : s->x.from + part * (s->x.to - s->x.from);
        if (is_list) {
            svg_move(p->out, x - 9, y);
            svg_to(p->out, x + 9, y);
        } else if (down) {
            svg_to(p->out, x, y);
        } else {
            svg_move(p->out, x, y);
        }
        down = true;
    }
    svg_path_end(p->out);
    mem_free(values);
}

static void categories_label(const struct slice *s)
{
    size_t n = factor_places(s->f), step = 1 + (n - 1) / NAMES;
    double bottom = s->data.y + s->data.h;
    size_t columns = (size_t)(s->data.w / (double)n * (double)step / 6);
    svg_line(s->p->out, s->data.x, bottom, s->data.x + s->data.w, bottom, "a");
    for (size_t i = 0; i < n; i += step)
        svg_text(s->p->out, category_x(s, (double)i), bottom + 14, SVG_MIDDLE, "m s", columns,
                 category_name(s->p->arena, s->f, i));
}

/* The bounds of the spec, as lines. */
static void bounds_draw(const struct slice *s)
{
    if (!s->f->bounded)
        return;
    double top = s->data.y, bottom = s->data.y + s->data.h;
    svg_line(s->p->out, s->x.from, top, s->x.from, bottom, "z");
    svg_line(s->p->out, s->x.to, top, s->x.to, bottom, "z");
}

/* "the best 10 % are at the upper bound", or NULL. */
static const char *edge_remark(const struct slice *s)
{
    const struct picture *p = s->p;
    size_t best = p->ranked_n / 10, low = 0, high = 0;
    if (!s->f->bounded || s->f->scale == FACTOR_CATEGORY || best < 5)
        return NULL;
    for (size_t i = 0; i < best; i++) {
        double at = factor_place(s->f, s->f->values[p->ranked[i]]);
        low += at <= 0.05;
        high += at >= 0.95;
    }
    return low * 2 > best    ? "best at the lower bound"
           : high * 2 > best ? "best at the upper bound"
                             : NULL;
}

static void slice_scale(struct slice *s, bool has_rail)
{
    const struct factor *f = s->f;
    double end = s->data.x + s->data.w;
    s->rail = has_rail ? end - RAIL / 2.0 : 0;
    s->x = (struct scale){.log = f->scale == FACTOR_LOG,
                          .whole = f->p->kind == SPACE_INT_UNIFORM,
                          .low = f->low,
                          .high = f->high,
                          .from = s->data.x + 6,
                          .to = end - 6 - (has_rail ? RAIL : 0)};
    if (!(f->low <= f->high)) /* no trial has it */
        s->x.low = s->x.high = 1;
    scale_open(&s->x);
}

static size_t slice_draw(const struct picture *p, const struct factor *f, const struct frame *at)
{
    struct slice s = {.p = p, .f = f, .y = p->value};
    s.data = (struct frame){at->x + LEFT, at->y + TOP, at->w - LEFT - RIGHT, at->h - TOP - BOTTOM};
    s.y.from = s.data.y + s.data.h;
    s.y.to = s.data.y;
    bool has_rail = f->known < p->e->factors.rows;
    slice_scale(&s, has_rail);
    const char *edge = edge_remark(&s);
    size_t columns = (size_t)(at->w / 7.4) - (edge ? strlen(edge) * 6 / 7 : 0);
    svg_text(p->out, s.data.x, at->y + 13, SVG_START, "t s b", columns, f->p->name);
    if (edge)
        svg_text(p->out, s.data.x + s.data.w, at->y + 13, SVG_END, "n s", 30, edge);
    picture_axis_y(p, &s.data, &s.y);
    if (f->scale == FACTOR_CATEGORY) {
        categories_label(&s);
    } else {
        picture_axis_x(p, &s.data, &s.x, NULL);
        bounds_draw(&s);
    }
    if (has_rail) {
        svg_rect(p->out, s.rail - RAIL / 2.0, s.data.y, RAIL, s.data.h, "e");
        svg_text(p->out, s.rail + RAIL / 2.0, s.data.y + s.data.h + 26, SVG_END, "m s", 10,
                 "not set");
    }
    size_t drawn = dots_draw(&s);
    medians_draw(&s);
    svg_path_begin(p->out, "r1");
    svg_ring(p->out, dot_x(&s, p->ranked[0]), dot_y(&s, p->ranked[0]), 4);
    svg_path_end(p->out);
    return drawn;
}

/* "◆ stopped early; " if there are such trials, else "". */
static const char *slices_key(const struct picture *p)
{
    for (size_t i = 0; i < p->ranked_n; i++)
        if (trial_is_stopped(p, p->ranked[i]))
            return "◆ stopped early; ";
    return "";
}

void picture_slices(const struct picture *all, const struct frame *f)
{
    struct picture at_rung;
    if (all->e->rung > 0)
        picture_init(&at_rung, all->out, all->arena, all->e, all->m, true);
    const struct picture *p = all->e->rung > 0 ? &at_rung : all;
    size_t n = slices_count(p), across = slices_across(n, f->w), drawn = 0;
    const struct evidence *e = p->e;
    double w = f->w / (double)across;
    const char *title = "Slices";
    const char *at_words =
        e->rung > 0 ? arena_printf(p->arena, " at iteration %" PRIu64, e->rung) : "";
    if (p->ranked_n == 0 || n == 0) {
        picture_title(p, f, title, "");
        picture_empty(p, f, "no trial to draw");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct frame at = {f->x + (double)(i % across) * w,
                           f->y + HEAD + (double)(i / across) * ROW, w, ROW};
        drawn = slice_draw(p, picture_factor(p, i), &at);
    }
    const char *thin = picture_thinned(p->arena, drawn, p->ranked_n);
    const char *hidden = picture_hidden(p->arena, e->factors.n - n);
    picture_title(
        p, f, arena_printf(p->arena, "Slices: %.60s%s against each parameter", e->metric, at_words),
        arena_printf(p->arena, "%s%s%s%s%s%s", thin, *thin ? "; " : "", slices_key(p), hidden,
                     *hidden ? "; " : "",
                     p->ranked_n >= MEDIAN_MIN ? "line: median; ring: best" : "ring: best"));
}
