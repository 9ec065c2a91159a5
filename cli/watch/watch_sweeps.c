/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_sweeps.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/print/elapsed.h"
#include "cli/screen/segments.h"
#include "cli/watch/watch_head.h"
#include "cli/watch/watch_text.h"

enum { ID = 8, NAME = 14, NAME_MAX = 24, BEST = 15, TRACE = 10 };

/* The columns of a list. */
struct shape {
    size_t name, bar, done;
    bool trace;
};

static struct shape shape_of(size_t columns)
{
    size_t bar = columns >= 140 ? 20 : columns >= 100 ? 12 : columns >= 70 ? 10 : 0;
    return (struct shape){.bar = bar, .trace = columns >= 100};
}

/* Makes room for this one. */
static void shape_widen(struct shape *s, struct watch_canvas *c, const struct value *sweep)
{
    struct progress p = watch_text_counts(sweep);
    size_t name = frame_width(value_get_str(sweep, "name", ""));
    size_t done = frame_width(watch_text_done(c, &p)),
           most = s->trace && s->bar < 20 ? NAME : NAME_MAX;
    name = name < most ? name : most;
    s->name = name > s->name ? name : s->name;
    s->done = done > s->done ? done : s->done;
}

static const char *age_of(struct watch_canvas *c, double at)
{
    char ago[ELAPSED_BYTES];
    if (!(at > 0))
        return NULL;
    elapsed_ago(ago, c->d->now - at);
    return arena_strdup(c->a, ago);
}

/* "paused by ann, 2 h ago", "finished, 3 days ago"; NULL: it runs. */
static const char *state_text(struct watch_canvas *c, const struct value *sweep,
                              const struct value *told)
{
    const char *state = value_get_str(sweep, "state", ""),
               *why = value_get_str(sweep, "text", NULL);
    bool paused = strcmp(state, "paused") == 0;
    const char *by = paused ? value_get_str(told, "by", NULL) : NULL;
    const char *ago =
        age_of(c, paused ? value_get_float(told, "at", -1) : value_get_float(sweep, "ended", -1));
    if (strcmp(state, "running") == 0)
        return NULL;
    const char *text = why  ? arena_printf(c->a, "%s: %s", state, why)
                       : by ? arena_printf(c->a, "%s by %s", state, by)
                            : state;
    return ago && !why ? arena_printf(c->a, "%s, %s", text, ago) : text;
}

static void sweep_line(struct watch_canvas *c, size_t row, size_t to, const struct shape *s,
                       const struct value *sweep, const struct value *told, bool chosen)
{
    const char *state = value_get_str(sweep, "state", "");
    struct progress p = watch_text_counts(sweep);
    enum frame_tone tone;
    const char *glyph = watch_canvas_glyph(state, &tone), *best = watch_text_best(c, sweep);
    struct frame *f = c->f;
    size_t at = 4 + ID + 1;
    frame_put(f, row, 0, 1, FRAME_PLAIN, chosen ? ">" : " ");
    frame_put(f, row, 2, 1, tone, glyph);
    frame_put(f, row, 4, ID, FRAME_BOLD, value_get_str(sweep, "id", ""));
    frame_put(f, row, at, s->name, FRAME_PLAIN, value_get_str(sweep, "name", ""));
    at += s->name + 1;
    if (s->bar > 0)
        frame_put(f, row, at, s->bar, FRAME_PLAIN, watch_text_bar(c, &p, s->bar));
    at += s->bar > 0 ? s->bar + 1 : 0;
    frame_put_right(f, row, at + s->done, s->done, FRAME_PLAIN, watch_text_done(c, &p));
    at += s->done + 2;
    if (s->trace) {
        frame_put(f, row, at, BEST, best ? FRAME_GOOD : FRAME_DIM, best ? best : "no result yet");
        at += BEST + 1;
        frame_put(f, row, at, TRACE, FRAME_PLAIN,
                  watch_canvas_trace(c, value_get(told, "line"), TRACE));
        at += TRACE + 2;
    }
    bool runs = strcmp(state, "running") == 0;
    const struct segment parts[] = {
        {s->trace ? NULL
         : best   ? best
                  : "no result yet",
         "", best ? FRAME_GOOD : FRAME_DIM, 1, 0},
        {watch_text_count(c, "▶", p.running), s->trace ? "" : "  ", FRAME_BUSY, 2, 0},
        {watch_text_count(c, "✗", p.failed), " ", FRAME_BAD, 2, 0},
        {state_text(c, sweep, told), "  ", tone, 2, 10},
        {runs ? watch_text_left(c, told) : NULL, "  left ", FRAME_PLAIN, 3, 0},
        {watch_text_hours(c, told), "  ", FRAME_PLAIN, 4, 0},
    };
    segments_put(f, row, at, to, parts, sizeof parts / sizeof *parts);
}

static const struct value *told_of(const struct watch_canvas *c, const struct value *sweep)
{
    return value_get(c->d->told, value_get_str(sweep, "id", ""));
}

void watch_sweeps_all(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *list = c->d->sweeps;
    size_t n = list && list->kind == VALUE_LIST ? list->list.n : 0;
    struct shape s = shape_of(b->to);
    size_t row = c->w->sweep_row < n ? c->w->sweep_row : 0;
    size_t top = row >= b->rows ? row - b->rows + 1 : 0;
    if (n == 0 && b->rows > 0)
        frame_add(c->f, b->row, 2, FRAME_DIM,
                  list ? "no sweep yet: besom sweep SPEC creates one" : "reading …");
    for (size_t i = 0; i < b->rows && top + i < n; i++)
        shape_widen(&s, c, list->list.items[n - 1 - top - i]);
    for (size_t i = 0; i < b->rows && top + i < n; i++) {
        const struct value *sweep = list->list.items[n - 1 - top - i];
        sweep_line(c, b->row + i, b->to, &s, sweep, told_of(c, sweep), top + i == row);
    }
}

void watch_sweeps_head(struct watch_canvas *c, size_t row)
{
    const struct value *others = c->d->others;
    size_t n = watch_state_others(c->w);
    struct shape s = shape_of(c->w->columns);
    shape_widen(&s, c, c->d->sweep);
    n = others && others->list.n >= n ? n : 0;
    for (size_t i = 0; i < n; i++)
        shape_widen(&s, c, others->list.items[i]);
    sweep_line(c, row, c->w->columns, &s, c->d->sweep, c->d->pace, n > 0);
    watch_head_told(c, row + 1);
    for (size_t i = 0; i < n; i++)
        sweep_line(c, row + 2 + i, c->w->columns, &s, others->list.items[i],
                   told_of(c, others->list.items[i]), false);
}
