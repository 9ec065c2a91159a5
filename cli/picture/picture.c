/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/picture.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/order.h"
#include "base/number/cell.h"
#include "cli/print/paragraph.h"

enum { TITLE_ROOM = 13 /* from the top of a panel to the base of its title */, LINE_HEIGHT = 16 };

double picture_value(const struct picture *p, size_t trial)
{
    const struct evidence_trial *t = &p->e->trials[trial];
    return p->compared ? t->compared : t->value;
}

static bool trial_is_ranked(const struct picture *p, size_t trial)
{
    enum trial_state state = p->e->trials[trial].state;
    return isfinite(picture_value(p, trial)) &&
           (p->compared || state == TRIAL_FINISHED || state == TRIAL_STOPPED);
}

static void trials_rank(struct picture *p)
{
    const struct evidence *e = p->e;
    double *losses = mem_alloc((e->n + 1) * sizeof *losses);
    size_t *trials = mem_alloc((e->n + 1) * sizeof *trials), n = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (!trial_is_ranked(p, i))
            continue;
        losses[n] = e->maximize ? -picture_value(p, i) : picture_value(p, i);
        trials[n++] = i;
    }
    p->ranked_n = n;
    p->ranked = arena_alloc(p->arena, (n + 1) * sizeof *p->ranked);
    order_ascending(losses, n, p->ranked);
    for (size_t i = 0; i < n; i++)
        p->ranked[i] = trials[p->ranked[i]];
    mem_free(trials);
    mem_free(losses);
}

static void values_scale(struct picture *p)
{
    double *values = mem_alloc((p->ranked_n + 1) * sizeof *values);
    for (size_t i = 0; i < p->ranked_n; i++)
        values[i] = picture_value(p, p->ranked[i]);
    scale_fit(&p->value, values, p->ranked_n, p->e->maximize);
    for (size_t i = 0; i < p->ranked_n; i++) {
        bool beyond = values[i] < p->value.low || values[i] > p->value.high;
        p->outside += beyond;
        p->extreme = beyond ? values[i] : p->extreme; /* the worst comes last */
    }
    mem_free(values);
}

void picture_init(struct picture *p, struct buf *out, struct arena *a, const struct evidence *e,
                  const struct matters *m, bool compared)
{
    *p = (struct picture){.out = out, .arena = a, .e = e, .m = m, .compared = compared};
    trials_rank(p);
    values_scale(p);
}

const struct factor *picture_factor(const struct picture *p, size_t i)
{
    if (p->m->n == 0)
        return &p->e->factors.items[i];
    /* Both tables have the factors of the space in the same order. */
    return &p->e->factors.items[p->m->items[i].factor - p->e->used.items];
}

double picture_clamp(const struct scale *s, double x)
{
    return fmin(fmax(x, s->low), s->high);
}

size_t picture_choose(size_t n, size_t most, size_t *ret)
{
    size_t best = most < PICTURE_BEST ? most : PICTURE_BEST, count = 0;
    if (n <= most) {
        for (; count < n; count++)
            ret[count] = count;
        return n;
    }
    for (; count < best; count++)
        ret[count] = count;
    for (size_t i = 0; i < most - best; i++)
        ret[count++] = best + i * (n - best) / (most - best);
    return count;
}

int picture_colour(size_t place, size_t n)
{
    return n < 2 ? 0 : (int)(place * PICTURE_COLOURS / n);
}

void picture_title(const struct picture *p, const struct frame *f, const char *title,
                   const char *remark)
{
    size_t room = (size_t)(f->w / 6);
    svg_text(p->out, f->x, f->y + TITLE_ROOM, SVG_START, "t b", room, title);
    size_t used = strlen(title) * 7 / 6 + 2;
    if (*remark && room > used)
        svg_text(p->out, f->x + f->w, f->y + TITLE_ROOM, SVG_END, "m s", room - used, remark);
}

void picture_title_of_ranks(const struct picture *p, const struct frame *f, const char *title,
                            const char *remark)
{
    const double part = 11, y = f->y + TITLE_ROOM - 4;
    double x = f->x + f->w - 30 - part * PICTURE_COLOURS;
    struct frame left = {f->x, f->y, f->w - 170 - part * PICTURE_COLOURS, f->h};
    picture_title(p, &left, title, remark);
    svg_text(p->out, f->x + f->w, y + 4, SVG_END, "m s", 10, "worst");
    for (int i = 0; i < PICTURE_COLOURS; i++)
        svg_line(p->out, x + i * part - 4, y, x + (i + 1) * part - 4, y,
                 arena_printf(p->arena, "y c%d", i));
    svg_line(p->out, x - 28, y, x - 12, y, "l3");
    svg_text(p->out, x - 34, y + 4, SVG_END, "m s", 30, "by rank: best");
}

void picture_axis_x(const struct picture *p, const struct frame *f, const struct scale *s,
                    const char *label)
{
    struct scale_tick ticks[SCALE_TICKS];
    size_t n = scale_ticks(s, (size_t)fmax(f->w / 60, 5), ticks);
    double bottom = f->y + f->h;
    svg_line(p->out, f->x, bottom, f->x + f->w, bottom, "a");
    for (size_t i = 0; i < n; i++) {
        double x = scale_at(s, ticks[i].x);
        svg_line(p->out, x, bottom, x, bottom + 3, "a");
        svg_text(p->out, x, bottom + 14, SVG_MIDDLE, "m s", SCALE_LABEL_BYTES, ticks[i].label);
    }
    if (label)
        svg_text(p->out, f->x + f->w / 2, bottom + 28, SVG_MIDDLE, "m s", (size_t)(f->w / 6),
                 label);
}

void picture_axis_y(const struct picture *p, const struct frame *f, const struct scale *s)
{
    struct scale_tick ticks[SCALE_TICKS];
    size_t n = scale_ticks(s, (size_t)fmax(f->h / 32, 4), ticks);
    for (size_t i = 0; i < n; i++) {
        double y = scale_at(s, ticks[i].x);
        svg_line(p->out, f->x, y, f->x + f->w, y, "g");
        svg_text(p->out, f->x - 5, y + 3.5, SVG_END, "m s", SCALE_LABEL_BYTES, ticks[i].label);
    }
    svg_line(p->out, f->x, f->y, f->x, f->y + f->h, "a");
}

void picture_empty(const struct picture *p, const struct frame *f, const char *why)
{
    svg_rect(p->out, f->x, f->y + 22, f->w, f->h - 22, "e");
    struct buf text;
    buf_init(&text, SIZE_MAX);
    paragraph_wrap(&text, why, 0, 0, (size_t)(f->w / 6.5));
    size_t lines = 0;
    for (size_t k = 0; k < text.len; k++)
        lines += buf_str(&text)[k] == '\n';
    double y = f->y + 22 + (f->h - 22) / 2 - LINE_HEIGHT * ((double)lines - 1) / 2;
    for (char *at = buf_str(&text); *at; y += LINE_HEIGHT) {
        char *end = at + strcspn(at, "\n");
        bool more = *end != '\0';
        *end = '\0';
        svg_text(p->out, f->x + f->w / 2, y, SVG_MIDDLE, "m s", (size_t)(f->w / 5.5), at);
        at = end + more;
    }
    buf_done(&text);
}

static const char *count_text(struct arena *a, size_t n)
{
    return n < 1000 ? arena_printf(a, "%zu", n)
           : n < 1000000
               ? arena_printf(a, "%zu,%03zu", n / 1000, n % 1000)
               : arena_printf(a, "%zu,%03zu,%03zu", n / 1000000, n / 1000 % 1000, n % 1000);
}

const char *picture_thinned(struct arena *a, size_t drawn, size_t of)
{
    if (drawn >= of)
        return "";
    return arena_printf(a, "%s of %s trials drawn", count_text(a, drawn), count_text(a, of));
}

const char *picture_hidden(struct arena *a, size_t hidden)
{
    return hidden ? arena_printf(a, "%zu parameter%s not shown", hidden, hidden == 1 ? "" : "s")
                  : "";
}

const char *picture_beyond(const struct picture *p)
{
    if (p->outside == 0)
        return "";
    return arena_printf(p->arena, "%zu beyond the %s, %s %s", p->outside,
                        p->e->maximize ? "bottom" : "top", p->e->maximize ? "down to" : "up to",
                        cell_number(p->arena, p->extreme, CELL_DIGITS_NARROW));
}
