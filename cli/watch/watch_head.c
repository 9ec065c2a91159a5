/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_head.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/number/cell.h"
#include "cli/progress/forecast.h"
#include "cli/progress/progress_block.h"
#include "cli/screen/segments.h"

enum { BEST_TRACE = 16, SWEEP_NAME = 18, WIDE = 100 };
enum { PAUSE_LEAST = 62 }; /* other parts of the line make room for this much of a pause */

/* The counts of a sweep's document. */
static struct progress counts_of(const struct value *sweep)
{
    int64_t total = value_get_int(sweep, "total", 0);
    struct progress p = {.total = total > 0 ? (uint64_t)total : 0,
                         .finished = watch_canvas_counted(sweep, "finished"),
                         .stopped = watch_canvas_counted(sweep, "stopped"),
                         .failed = watch_canvas_counted(sweep, "failed"),
                         .running = watch_canvas_counted(sweep, "running"),
                         .pending = watch_canvas_counted(sweep, "pending")};
    p.other = watch_canvas_counted(sweep, "cancelled") + watch_canvas_counted(sweep, "lost") +
              watch_canvas_counted(sweep, "preempted");
    return p;
}

static uint64_t ended_of(const struct progress *p)
{
    return p->finished + p->stopped + p->failed + p->other;
}

static const char *bar_text(struct watch_canvas *c, const struct progress *p, size_t width)
{
    struct buf bar;
    buf_init(&bar, SIZE_MAX);
    progress_block_bar(&bar, p, width, c->f->ascii);
    const char *copy = arena_strndup(c->a, buf_str(&bar), bar.len);
    buf_done(&bar);
    return copy;
}

static const char *count_glyphed(struct watch_canvas *c, const char *glyph, uint64_t n)
{
    return n > 0 ? arena_printf(c->a, "%s%s", glyph, watch_canvas_count(c, n)) : NULL;
}

static const char *done_text(struct watch_canvas *c, const struct progress *p)
{
    const char *done = watch_canvas_count(c, ended_of(p));
    return p->total ? arena_printf(c->a, "%s/%s", done, watch_canvas_count(c, p->total)) : done;
}

/* "3 h 10–4 h 20", or nothing while that is not known. */
static const char *left_text(struct watch_canvas *c, const struct value *pace)
{
    const struct value *left = value_get(pace, "left");
    char text[FORECAST_BYTES];
    if (!left || left->kind != VALUE_LIST || left->list.n != 2 ||
        !value_is_number(left->list.items[0]) || !value_is_number(left->list.items[1]))
        return NULL;
    forecast_range(text, (int64_t)(value_number(left->list.items[0]) * 1000),
                   (int64_t)(value_number(left->list.items[1]) * 1000), "–");
    return arena_strdup(c->a, text);
}

static const char *hours_text(struct watch_canvas *c, const struct value *pace)
{
    double hours = value_get_float(pace, "hours", NAN);
    return hours >= 0.05
               ? arena_printf(c->a, "%.3g %s-h", hours, value_get_str(pace, "hours_of", "slot"))
               : NULL;
}

/* "slots 7/8" */
static const char *slots_text(struct watch_canvas *c)
{
    const struct value *agents = c->d->agents;
    uint64_t busy = 0, all = 0;
    for (size_t i = 0; agents && agents->kind == VALUE_LIST && i < agents->list.n; i++) {
        const struct value *slots = value_get(agents->list.items[i], "slots");
        size_t n = slots && slots->kind == VALUE_LIST ? slots->list.n : 0;
        for (size_t k = 0; k < n; k++)
            busy += value_get_str(slots->list.items[k], "trial", NULL) != NULL;
        all += n;
    }
    return all > 0 ? arena_printf(c->a, "slots %" PRIu64 "/%" PRIu64, busy, all) : NULL;
}

/* "GPU 87 %": the mean of what running trials use. */
static const char *load_text(struct watch_canvas *c)
{
    const struct value *load = value_get(c->d->fleet, "load");
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; load && load->kind == VALUE_LIST && i < load->list.n; i++) {
        const struct value *sample = value_get(load->list.items[i], "sample");
        for (size_t k = 0; sample && sample->kind == VALUE_DICT && k < sample->dict.n; k++) {
            const struct value_entry *e = &sample->dict.entries[k];
            if (strncmp(e->key, "gpu.", 4) == 0 && strstr(e->key, "utilization") &&
                value_is_number(e->value)) {
                sum += value_number(e->value);
                n++;
            }
        }
    }
    return n > 0 ? arena_printf(c->a, "GPU %.0f %%", sum / (double)n) : NULL;
}

/* Whether it is live, at the right. Returns where it begins. */
static size_t live_put(struct watch_canvas *c, size_t row)
{
    const char *trouble = c->d->trouble;
    const char *text = !trouble                                  ? "● live    ? keys"
                       : strncmp(trouble, "no contact", 10) == 0 ? "▲ no contact    ? keys"
                                                                 : "▲ not read    ? keys";
    size_t to = c->w->columns, width = frame_width(text);
    if (to <= 40)
        return to;
    frame_put_right(c->f, row, to, width, c->d->trouble ? FRAME_BAD : FRAME_DIM, text);
    return to - width - 2;
}

static void first_line(struct watch_canvas *c)
{
    const struct value *sweep = c->d->sweep;
    const char *state = value_get_str(sweep, "state", "");
    enum frame_tone tone;
    const char *glyph = watch_canvas_glyph(state, &tone);
    const struct segment parts[] = {
        {"besom", "", FRAME_DIM, 3, 0},
        {c->w->sweep, " · ", FRAME_BOLD, 0, 0},
        {value_get_str(sweep, "name", NULL), " ", FRAME_BOLD, 1, 12},
        {*state ? arena_printf(c->a, "%s %s", glyph, state) : NULL, " ", tone, 0, 0},
        {slots_text(c), "    ", FRAME_PLAIN, 2, 0},
        {load_text(c), "   ", FRAME_PLAIN, 3, 0},
    };
    segments_put(c->f, 0, 0, live_put(c, 0), parts, sizeof parts / sizeof *parts);
}

static void second_line(struct watch_canvas *c)
{
    struct progress p = counts_of(c->d->sweep);
    size_t width = c->w->columns / 4 < 40 ? c->w->columns / 4 : 40;
    const struct segment parts[] = {
        {bar_text(c, &p, width), "", FRAME_PLAIN, 4, 0},
        {done_text(c, &p), " ", FRAME_PLAIN, 0, 0},
        {count_glyphed(c, "✓", p.finished), "  ", FRAME_GOOD, 1, 0},
        {count_glyphed(c, "◆", p.stopped), " ", FRAME_STOPPED, 1, 0},
        {count_glyphed(c, "✗", p.failed), " ", FRAME_BAD, 1, 0},
        {count_glyphed(c, "–", p.other), " ", FRAME_DIM, 2, 0},
        {count_glyphed(c, "▶", p.running), " ", FRAME_BUSY, 1, 0},
        {count_glyphed(c, "·", p.pending), " ", FRAME_DIM, 2, 0},
        {left_text(c, c->d->pace), "  left ", FRAME_PLAIN, 3, 0},
        {hours_text(c, c->d->pace), "  ", FRAME_PLAIN, 5, 0},
    };
    segments_put(c->f, 1, 0, c->w->columns, parts, sizeof parts / sizeof *parts);
}

static const char *chance_words(struct watch_canvas *c)
{
    const struct value *chance = value_get(c->d->pace, "chance");
    if (c->w->columns >= WIDE)
        return value_get_str(chance, "text", NULL);
    int64_t next = value_get_int(chance, "next", 0);
    return next <= 0 ? NULL
                     : arena_printf(c->a, "next %" PRId64 ": %" PRId64 " %%", next,
                                    value_get_int(chance, "percent", 0));
}

/* Why the sweep is paused; else the first alert of the agents or the sweep; and how many more alerts there
 * are; else what the sweep waits for. */
static const char *alert_text(struct watch_canvas *c)
{
    const struct value *lists[] = {c->d->alerts, value_get(c->d->pace, "alerts")};
    const char *first = c->d->paused;
    size_t n = first != NULL;
    if (c->d->trouble)
        return c->d->trouble;
    for (size_t i = 0; i < 2; i++)
        if (lists[i] && lists[i]->kind == VALUE_LIST && lists[i]->list.n > 0) {
            first = first ? first : value_get_str(lists[i]->list.items[0], "text", "");
            n += lists[i]->list.n;
        }
    if (c->d->paused)
        return n == 1 ? first : arena_printf(c->a, "%s (+%zu)", first, n - 1);
    if (first)
        return n == 1 ? arena_printf(c->a, "⚠ %s", first)
                      : arena_printf(c->a, "⚠ %s (+%zu)", first, n - 1);
    return c->d->waits ? arena_printf(c->a, "waits: %s", c->d->waits) : NULL;
}

static const char *best_text(struct watch_canvas *c, const struct value *sweep)
{
    const struct value *best = value_get(sweep, "best");
    const char *goal = value_get_str(value_get(sweep, "metric"), "goal", "");
    if (!best || best->kind != VALUE_DICT)
        return NULL;
    return arena_printf(c->a, "best %s %s", strcmp(goal, "maximize") == 0 ? "↑" : "↓",
                        watch_canvas_number(c, value_get(best, "objective")));
}

static void third_line(struct watch_canvas *c)
{
    const struct value *best = value_get(c->d->sweep, "best");
    const char *text = best_text(c, c->d->sweep);
    bool next = !c->d->paused; /* there may be a next trial */
    const struct segment parts[] = {
        {text ? text : "no result yet", "", text ? FRAME_GOOD : FRAME_PLAIN, 0, 0},
        {text ? arena_printf(c->a, "trial %" PRId64, value_get_int(best, "number", 0)) : NULL, " ",
         FRAME_PLAIN, 1, 0},
        {text ? watch_canvas_trace(c, value_get(c->d->pace, "line"), BEST_TRACE) : NULL, "  ",
         FRAME_PLAIN, 2, 0},
        {next ? chance_words(c) : NULL, "   ", FRAME_PLAIN, 3, 0},
        {next ? value_get_str(value_get(c->d->pace, "chance"), "brief", NULL) : NULL, " · ",
         FRAME_DIM, 3, 0},
        {alert_text(c), "    ", FRAME_STOPPED, next ? 1 : 0, next ? 16 : PAUSE_LEAST},
    };
    segments_put(c->f, 2, 0, c->w->columns, parts, sizeof parts / sizeof *parts);
}

void watch_head_draw(struct watch_canvas *c)
{
    first_line(c);
    second_line(c);
    third_line(c);
}

void watch_head_fleet(struct watch_canvas *c, size_t row)
{
    size_t n = c->d->sweeps && c->d->sweeps->kind == VALUE_LIST ? c->d->sweeps->list.n : 0;
    const struct segment parts[] = {
        {"besom", "", FRAME_BOLD, 0, 0},
        {arena_printf(c->a, "%zu sweep%s", n, n == 1 ? "" : "s"), " · ", FRAME_PLAIN, 1, 0},
        {slots_text(c), " · ", FRAME_PLAIN, 1, 0},
        {load_text(c), " · ", FRAME_PLAIN, 2, 0},
        {c->d->trouble, " · ", FRAME_BAD, 1, 20},
    };
    segments_put(c->f, row, 0, live_put(c, row), parts, sizeof parts / sizeof *parts);
}

static void sweep_line(struct watch_canvas *c, size_t row, size_t to, const struct value *sweep,
                       bool chosen)
{
    const char *state = value_get_str(sweep, "state", "");
    const char *name = value_get_str(sweep, "name", "");
    struct progress p = counts_of(sweep);
    enum frame_tone tone;
    const char *glyph = watch_canvas_glyph(state, &tone);
    struct frame *f = c->f;
    frame_put(f, row, 0, 1, FRAME_PLAIN, chosen ? ">" : " ");
    frame_put(f, row, 2, 1, tone, glyph);
    frame_put(f, row, 4, 8, FRAME_BOLD, value_get_str(sweep, "id", ""));
    frame_put(f, row, 13, SWEEP_NAME, FRAME_PLAIN, name);
    size_t at = 13 + SWEEP_NAME + 1, bar = to >= 100 ? 20 : to >= 70 ? 10 : 0;
    if (bar > 0)
        frame_put(f, row, at, bar, FRAME_PLAIN, bar_text(c, &p, bar));
    at += bar > 0 ? bar + 1 : 0;
    frame_put_right(f, row, at + 13, 13, FRAME_PLAIN, done_text(c, &p));
    at += 15;
    const char *best = best_text(c, sweep), *text = value_get_str(sweep, "text", NULL);
    bool plain = strcmp(state, "running") == 0;
    const struct segment parts[] = {
        {best ? best : "no result yet", "", best ? FRAME_GOOD : FRAME_DIM, 1, 0},
        {count_glyphed(c, "▶", p.running), "  ", FRAME_BUSY, 2, 0},
        {count_glyphed(c, "✗", p.failed), " ", FRAME_BAD, 2, 0},
        {plain ? NULL : state, "  ", tone, 3, 0},
        {plain ? NULL : text, ": ", FRAME_PLAIN, 4, 10},
    };
    segments_put(f, row, at, to, parts, sizeof parts / sizeof *parts);
}

void watch_head_sweeps(struct watch_canvas *c, const struct watch_box *b)
{
    const struct value *list = c->d->sweeps;
    size_t n = list && list->kind == VALUE_LIST ? list->list.n : 0;
    size_t top = c->w->sweep_row >= b->rows ? c->w->sweep_row - b->rows + 1 : 0;
    if (n == 0 && b->rows > 0)
        frame_add(c->f, b->row, 2, FRAME_DIM,
                  list ? "no sweep yet: besom sweep SPEC creates one" : "reading …");
    for (size_t i = 0; i < b->rows && top + i < n; i++)
        sweep_line(c, b->row + i, b->to, list->list.items[n - 1 - top - i],
                   top + i == c->w->sweep_row);
}
