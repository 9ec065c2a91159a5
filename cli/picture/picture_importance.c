/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars of the importances, with their intervals; those that may be noise are pale. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/picture/picture.h"

enum { TOP = 40, BOTTOM = 48, NAME_PART = 3 /* the names have a third of the width */, BARS = 12 };

static void bar_draw(const struct picture *p, const struct importance *item, double y, double h,
                     double left, const struct scale *s)
{
    double end = scale_at(s, item->value), middle = y + h / 2;
    svg_text(p->out, left - 6, middle + 3.5, SVG_END, item->noise ? "m s" : "t s",
             (size_t)((left - 6) / 6), item->factor->p->name);
    svg_rect(p->out, left, y + 1, end - left, h - 2, item->noise ? "i2" : "i1");
    double low = scale_at(s, item->low), high = scale_at(s, item->high);
    svg_path_begin(p->out, "w1");
    svg_move(p->out, low, middle);
    svg_to(p->out, high, middle);
    svg_move(p->out, low, middle - 3);
    svg_to(p->out, low, middle + 3);
    svg_move(p->out, high, middle - 3);
    svg_to(p->out, high, middle + 3);
    svg_path_end(p->out);
}

/* "between seeds: 0.12" */
static const char *seeds_words(struct arena *a, const struct matters *m, bool after)
{
    const struct importance *seed = &m->items[m->n];
    return arena_printf(a, "%sbetween seeds: %.2f", after ? "; " : "", seed->value);
}

void picture_importance(const struct picture *p, const struct frame *f)
{
    const struct matters *m = p->m;
    size_t shown = m->n < BARS ? m->n : BARS;
    struct frame inner = {0, f->y, f->w, f->h};
    buf_adds(p->out, "<g transform=\"translate(");
    svg_number(p->out, f->x);
    buf_adds(p->out, ",0)\">\n");
    const char *method = importance_method_name(m->method);
    const char *used = p->e->rung > 0 ? arena_printf(p->arena, "%zu at iteration %" PRIu64,
                                                     p->e->used.rows, p->e->rung)
                                      : arena_printf(p->arena, "%zu finished", p->e->used.rows);
    picture_title(p, &inner, "Importance",
                  m->method == IMPORTANCE_PED_ANOVA
                      ? arena_printf(p->arena, "%s, gamma %g, %s", method, IMPORTANCE_GAMMA, used)
                      : arena_printf(p->arena, "%s, %s", method, used));
    if (shown == 0) {
        picture_empty(p, &inner, m->too_few ? m->too_few : "nothing to compare");
        buf_adds(p->out, "</g>\n");
        return;
    }
    double left = f->w / NAME_PART, most = 0;
    for (size_t i = 0; i < shown; i++)
        most = fmax(most, m->items[i].high);
    struct scale s = {.high = most > 0 ? most : 1, .from = left, .to = f->w - 8};
    struct frame data = {left, f->y + TOP, f->w - left - 8, f->h - TOP - BOTTOM};
    double h = fmin(data.h / (double)shown, 26);
    size_t told = 0;
    for (size_t i = 0; i < shown; i++) {
        bar_draw(p, &m->items[i], data.y + (double)i * h, h, left, &s);
        told += !m->items[i].noise;
    }
    picture_axis_x(p, &data, &s, "share, with its 90% interval");
    svg_line(p->out, left, data.y, left, data.y + data.h, "a");
    svg_text(p->out, left, f->y + 29, SVG_START, "m s", (size_t)(data.w / 6),
             arena_printf(p->arena, "%s%s", told < shown ? "pale: may be noise" : "",
                          m->seeds ? seeds_words(p->arena, m, told < shown) : ""));
    svg_text(p->out, f->w - 8, f->y + f->h - 4, SVG_END, "m s", (size_t)(f->w / 5.5),
             "adaptive sampling and early stops bias these shares");
    if (shown < m->n)
        svg_text(p->out, f->w - 8, data.y + data.h - 6, SVG_END, "m s", 30,
                 arena_printf(p->arena, "and %zu smaller", m->n - shown));
    buf_adds(p->out, "</g>\n");
}
