/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel coordinates: a line for each trial through its parameters to its result. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "cli/picture/picture.h"
#include "base/number/cell.h"
#include "cli/picture/category.h"

enum { AXES = 10, TOP = 46, BOTTOM = 26, SIDE = 60, LANE = 16, CATEGORY_LABELS = 14, TICKS = 6 };

struct axis_plot {
    const struct factor *f; /* NULL: the metric */
    struct scale s;         /* of a number */
    double x;
};

struct parallel_plot {
    const struct picture *p;
    struct axis_plot axes[AXES + 1];
    size_t n;
    double top, bottom, lane;
    bool has_lane;
};

static void axes_choose(struct parallel_plot *pl)
{
    const struct picture *p = pl->p;
    size_t n = p->e->factors.n < AXES ? p->e->factors.n : AXES;
    for (size_t i = 0; i < n; i++) {
        const struct factor *f = picture_factor(p, i);
        struct axis_plot *a = &pl->axes[pl->n++];
        a->f = f;
        pl->has_lane = pl->has_lane || f->known < p->e->factors.rows;
        if (f->scale == FACTOR_CATEGORY)
            continue;
        a->s = (struct scale){.log = f->scale == FACTOR_LOG, .low = f->low, .high = f->high};
        a->s.whole = f->p->kind == SPACE_INT_UNIFORM;
        if (!(f->low <= f->high)) /* no trial has it */
            a->s.low = a->s.high = 1;
        scale_open(&a->s);
    }
    pl->axes[pl->n++] = (struct axis_plot){.s = p->value};
}

/* NaN if the trial has no value on the axis. */
static double axis_y(const struct parallel_plot *pl, const struct axis_plot *a, size_t trial)
{
    if (!a->f)
        return scale_at(&a->s, picture_clamp(&a->s, pl->p->e->trials[trial].value));
    double x = a->f->values[trial];
    if (isnan(x) || (a->s.log && !(x > 0)))
        return NAN;
    if (a->f->scale == FACTOR_CATEGORY)
        return category_y(a->f, x, pl->top, pl->bottom);
    return scale_at(&a->s, picture_clamp(&a->s, x));
}

static void line_draw(const struct parallel_plot *pl, size_t trial)
{
    struct buf *out = pl->p->out;
    bool down = false;
    for (size_t i = 0; i < pl->n; i++) {
        double y = axis_y(pl, &pl->axes[i], trial);
        if (isnan(y)) {
            down = false;
            svg_move(out, pl->axes[i].x - 4, pl->lane);
            svg_to(out, pl->axes[i].x + 4, pl->lane);
            continue;
        }
        if (down)
            svg_to(out, pl->axes[i].x, y);
        else
            svg_move(out, pl->axes[i].x, y);
        down = true;
    }
}

/* The worst first, so that the best are on top; one path for each colour. */
static size_t lines_draw(const struct parallel_plot *pl)
{
    const struct picture *p = pl->p;
    size_t *chosen = mem_alloc((PICTURE_LINES + 1) * sizeof *chosen);
    size_t n = picture_choose(p->ranked_n, PICTURE_LINES, chosen);
    for (int colour = PICTURE_COLOURS - 1; colour >= 0; colour--) {
        svg_path_begin(p->out, arena_printf(p->arena, "p c%d", colour));
        for (size_t i = n; i-- > 0;)
            if (picture_colour(chosen[i], p->ranked_n) == colour)
                line_draw(pl, p->ranked[chosen[i]]);
        svg_path_end(p->out);
    }
    if (n > 0) {
        svg_path_begin(p->out, "l3");
        line_draw(pl, p->ranked[0]);
        svg_path_end(p->out);
    }
    mem_free(chosen);
    return n;
}

static void categories_label(const struct parallel_plot *pl, const struct axis_plot *a,
                             size_t columns)
{
    size_t n = factor_places(a->f), step = 1 + (n - 1) / CATEGORY_LABELS;
    for (size_t i = 0; i < n; i += step) {
        double y = category_y(a->f, (double)i, pl->top, pl->bottom);
        svg_line(pl->p->out, a->x - 3, y, a->x + 3, y, "a");
        svg_text(pl->p->out, a->x + 6, y + 3.5, SVG_START, "t s h", columns,
                 category_name(pl->p->arena, a->f, i));
    }
}

static void axis_draw(const struct parallel_plot *pl, const struct axis_plot *a, size_t columns)
{
    struct buf *out = pl->p->out;
    const struct evidence *e = pl->p->e;
    struct scale_tick ticks[SCALE_TICKS];
    svg_line(out, a->x, pl->top, a->x, pl->bottom, "a");
    svg_text(out, a->x, pl->top - 9, SVG_MIDDLE, a->f ? "t s" : "t s b", columns,
             a->f ? a->f->p->name
                  : arena_printf(pl->p->arena, "%s %s", e->metric, evidence_goal(e, true)));
    if (a->f && a->f->scale == FACTOR_CATEGORY) {
        categories_label(pl, a, columns);
        return;
    }
    size_t n = scale_ticks(&a->s, TICKS, ticks);
    for (size_t i = 0; i < n; i++) {
        double y = scale_at(&a->s, ticks[i].x);
        svg_line(out, a->x - 3, y, a->x + 3, y, "a");
        svg_text(out, a->x + 6, y + 3.5, SVG_START, "t s h", SCALE_LABEL_BYTES, ticks[i].label);
    }
}

void picture_parallel(const struct picture *p, const struct frame *f)
{
    struct parallel_plot pl = {.p = p};
    axes_choose(&pl);
    pl.lane = f->y + f->h - BOTTOM + 14;
    pl.top = f->y + TOP;
    pl.bottom = f->y + f->h - BOTTOM - (pl.has_lane ? LANE - 8 : 0);
    if (p->ranked_n == 0 || p->e->factors.n == 0) {
        picture_title(p, f, "Parallel coordinates", "");
        picture_empty(p, f, "no trial to draw");
        return;
    }
    double left = f->x + SIDE, width = f->w - 2 * SIDE;
    for (size_t i = 0; i < pl.n; i++) {
        struct axis_plot *a = &pl.axes[i];
        a->x = left + width * (double)i / (double)(pl.n - 1);
        a->s.from = pl.bottom;
        a->s.to = pl.top;
    }
    size_t drawn = lines_draw(&pl), columns = (size_t)(width / (double)(pl.n - 1) / 6.5);
    for (size_t i = 0; i < pl.n; i++)
        axis_draw(&pl, &pl.axes[i], columns);
    if (pl.has_lane)
        svg_text(p->out, f->x, pl.lane + 3.5, SVG_START, "m s", 10, "not set");
    const char *thin = picture_thinned(p->arena, drawn, p->ranked_n);
    const char *hidden = picture_hidden(p->arena, p->e->factors.n + 1 - pl.n);
    picture_title_of_ranks(
        p, f, "Parallel coordinates",
        arena_printf(p->arena, "%s%s%s", thin, *thin && *hidden ? "; " : "", hidden));
}
