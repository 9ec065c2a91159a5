/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of a sweep: every trial by its number, and the best so far. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "cli/picture/picture.h"
#include "base/number/cell.h"

enum { LEFT = 52, TOP = 38, BOTTOM = 36, RIGHT = 8, RAIL = 14, KEY = 24 };

struct history_plot {
    const struct picture *p;
    struct frame data;
    struct scale x, y;
    bool *drawn; /* of each trial */
    double rail; /* the height at which trials without a value are drawn */
};

static bool is_without_value(const struct evidence_trial *t)
{
    return t->state == TRIAL_FAILED || t->state == TRIAL_LOST || t->state == TRIAL_PREEMPTED ||
           (t->state == TRIAL_FINISHED && !isfinite(t->value));
}

static double trial_x(const struct history_plot *h, const struct evidence_trial *t)
{
    return scale_at(&h->x, (double)t->number);
}

/* Outliers need a path of their own: a dot's path has thick strokes. */
static void outside_draw(const struct history_plot *h)
{
    const struct evidence *e = h->p->e;
    svg_path_begin(h->p->out, "o1");
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        bool above = t->value > h->y.high;
        if (h->drawn[i] && (above || t->value < h->y.low))
            svg_triangle(h->p->out, trial_x(h, t), scale_at(&h->y, picture_clamp(&h->y, t->value)),
                         3.5, above);
    }
    svg_path_end(h->p->out);
}

static void dots_draw(const struct history_plot *h, enum trial_state state, const char *classes)
{
    const struct evidence *e = h->p->e;
    svg_path_begin(h->p->out, classes);
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        if (!h->drawn[i] || t->state != state || t->value != picture_clamp(&h->y, t->value))
            continue;
        double x = trial_x(h, t), y = scale_at(&h->y, t->value);
        if (state == TRIAL_STOPPED)
            svg_diamond(h->p->out, x, y, 3.2);
        else if (state == TRIAL_RUNNING)
            svg_ring(h->p->out, x, y, 3);
        else
            svg_dot(h->p->out, x, y);
    }
    svg_path_end(h->p->out);
}

/* At most one cross for each place of the rail. */
static size_t failures_draw(const struct history_plot *h)
{
    const struct evidence *e = h->p->e;
    double last = -INFINITY;
    size_t n = 0;
    svg_path_begin(h->p->out, "x1");
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        if (!is_without_value(t))
            continue;
        n++;
        if (trial_x(h, t) - last < 1)
            continue;
        last = trial_x(h, t);
        svg_cross(h->p->out, last, h->rail, 3);
    }
    svg_path_end(h->p->out);
    return n;
}

static void best_draw(const struct history_plot *h)
{
    const struct evidence *e = h->p->e;
    struct buf *out = h->p->out;
    double best = NAN, x = 0, y = 0;
    svg_path_begin(out, "l1");
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        bool counts =
            isfinite(t->value) && (t->state == TRIAL_FINISHED || t->state == TRIAL_STOPPED);
        if (!counts || (!isnan(best) && (e->maximize ? t->value <= best : t->value >= best)))
            continue;
        x = trial_x(h, t);
        if (!isnan(best))
            svg_to(out, x, y);
        y = scale_at(&h->y, picture_clamp(&h->y, t->value));
        if (isnan(best))
            svg_move(out, x, y);
        else
            svg_to(out, x, y);
        best = t->value;
    }
    if (!isnan(best))
        svg_to(out, h->data.x + h->data.w, y);
    svg_path_end(out);
    if (isnan(best))
        return;
    svg_path_begin(out, "r1");
    svg_ring(out, x, y, 5);
    svg_path_end(out);
    bool right = x > h->data.x + h->data.w - 140;
    svg_text(out, right ? x - 8 : x + 8, y + (e->maximize ? 17 : -9), right ? SVG_END : SVG_START,
             "t s b h", 40,
             arena_printf(h->p->arena, "best %s, trial %llu",
                          cell_number(h->p->arena, best, CELL_DIGITS_NARROW),
                          (unsigned long long)e->trials[h->p->ranked[0]].number));
}

/* Symbols and their counts, at the top of the panel. */
static void key_draw(const struct history_plot *h, const struct frame *f, size_t failures)
{
    const struct evidence *e = h->p->e;
    struct buf *out = h->p->out;
    double x = f->x + LEFT, y = f->y + KEY + 1;
    const struct {
        const char *classes;
        int shape; /* 0 dot, 1 diamond, 2 cross, 3 line, 4 ring */
        const char *words;
        size_t n;
    } keys[] = {
        {"l1", 3, "best so far", 0},
        {"d1", 0, "finished", e->finished},
        {"d2", 1, "stopped early", e->in_state[TRIAL_STOPPED]},
        {"d3", 4, "running", e->in_state[TRIAL_RUNNING]},
        {"x1", 2, "failed or no value", failures},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].n == 0 && keys[i].shape != 3)
            continue;
        const char *words = keys[i].n
                                ? arena_printf(h->p->arena, "%zu %s", keys[i].n, keys[i].words)
                                : keys[i].words;
        double width = 24 + 5.7 * (double)strlen(words);
        if (x + width > f->x + f->w)
            break;
        svg_path_begin(out, keys[i].classes);
        if (keys[i].shape == 0)
            svg_dot(out, x + 3, y);
        else if (keys[i].shape == 1)
            svg_diamond(out, x + 3, y, 3.2);
        else if (keys[i].shape == 2)
            svg_cross(out, x + 3, y, 3);
        else if (keys[i].shape == 4)
            svg_ring(out, x + 3, y, 3);
        else {
            svg_move(out, x - 3, y);
            svg_to(out, x + 8, y);
        }
        svg_path_end(out);
        svg_text(out, x + 12, y + 3.5, SVG_START, "m s", 60, words);
        x += width;
    }
}

static void drawn_choose(struct history_plot *h, size_t *ret_drawn, size_t *ret_of)
{
    const struct picture *p = h->p;
    size_t *chosen = mem_alloc((PICTURE_DOTS + 1) * sizeof *chosen);
    size_t n = picture_choose(p->ranked_n, PICTURE_DOTS, chosen);
    for (size_t i = 0; i < n; i++)
        h->drawn[p->ranked[chosen[i]]] = true;
    mem_free(chosen);
    *ret_drawn = n;
    *ret_of = p->ranked_n;
    for (size_t i = 0; i < p->e->n; i++) /* few at a time */
        h->drawn[i] = h->drawn[i] ||
                      (p->e->trials[i].state == TRIAL_RUNNING && isfinite(p->e->trials[i].value));
}

void picture_history(const struct picture *p, const struct frame *f)
{
    size_t drawn, of;
    const struct evidence *e = p->e;
    struct history_plot h = {.p = p, .y = p->value, .rail = f->y + TOP + RAIL / 2.0 - 2};
    bool has_rail = e->in_state[TRIAL_FINISHED] - e->finished + e->in_state[TRIAL_FAILED] +
                        e->in_state[TRIAL_LOST] + e->in_state[TRIAL_PREEMPTED] >
                    0;
    h.data = (struct frame){f->x + LEFT, f->y + TOP + (has_rail ? RAIL : 0), f->w - LEFT - RIGHT,
                            f->h - TOP - BOTTOM - (has_rail ? RAIL : 0)};
    h.drawn = mem_alloc(e->n + 1);
    drawn_choose(&h, &drawn, &of);
    const char *thin = picture_thinned(p->arena, drawn, of), *beyond = picture_beyond(p);
    picture_title(p, f, "History",
                  arena_printf(p->arena, "%s%s%s", thin, *thin && *beyond ? "; " : "", beyond));
    if (p->ranked_n == 0) {
        picture_empty(p, f,
                      e->n ? "no trial has ended with a value of this metric yet"
                           : "this sweep has no trial yet");
        mem_free(h.drawn);
        return;
    }
    h.x = (struct scale){.whole = true,
                         .high = fmax((double)e->trials[e->n - 1].number, 1),
                         .from = h.data.x + 6,
                         .to = h.data.x + h.data.w - 6};
    h.y.from = h.data.y + h.data.h;
    h.y.to = h.data.y;
    picture_axis_y(p, &h.data, &h.y);
    picture_axis_x(p, &h.data, &h.x, "trial");
    dots_draw(&h, TRIAL_FINISHED, "d1");
    dots_draw(&h, TRIAL_STOPPED, "d2");
    dots_draw(&h, TRIAL_RUNNING, "d3");
    outside_draw(&h);
    key_draw(&h, f, failures_draw(&h));
    best_draw(&h);
    mem_free(h.drawn);
}
