/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_head.h"

#include <inttypes.h>
#include <string.h>

#include "cli/screen/segments.h"
#include "cli/watch/watch_text.h"

enum { BEST_TRACE = 16, WIDE = 100 };
enum { PAUSE_LEAST = 62 }; /* other parts of the line make room for this much of a pause */

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
        {watch_text_slots(c, false), "    ", FRAME_PLAIN, 2, 0},
        {watch_text_load(c), "   ", FRAME_PLAIN, 3, 0},
    };
    segments_put(c->f, 0, 0, live_put(c, 0), parts, sizeof parts / sizeof *parts);
}

static void second_line(struct watch_canvas *c)
{
    struct progress p = watch_text_counts(c->d->sweep);
    size_t width = c->w->columns / 5 < 40 ? c->w->columns / 5 : 40;
    const struct segment parts[] = {
        {watch_text_bar(c, &p, width), "", FRAME_PLAIN, 4, 0},
        {watch_text_done(c, &p), " ", FRAME_PLAIN, 0, 0},
        {watch_text_count(c, "✓", p.finished), "  ", FRAME_GOOD, 1, 0},
        {watch_text_count(c, "◆", p.stopped), " ", FRAME_STOPPED, 1, 0},
        {watch_text_count(c, "✗", p.failed), " ", FRAME_BAD, 1, 0},
        {watch_text_count(c, "–", p.other), " ", FRAME_DIM, 2, 0},
        {watch_text_count(c, "▶", p.running), " ", FRAME_BUSY, 1, 0},
        {watch_text_count(c, "·", p.pending), " ", FRAME_DIM, 2, 0},
        {watch_text_left(c, c->d->pace), "  left ", FRAME_PLAIN, 3, 0},
        {watch_text_hours(c, c->d->pace), "  ", FRAME_PLAIN, 5, 0},
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

static void third_line(struct watch_canvas *c)
{
    const struct value *best = value_get(c->d->sweep, "best");
    const char *text = watch_text_best(c, c->d->sweep);
    bool left = strcmp(value_get_str(c->d->sweep, "state", ""), "interrupted") == 0;
    bool next = !c->d->paused && !left; /* there may be a next trial */
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

/* What the line of the sweep has no room for. */
void watch_head_told(struct watch_canvas *c, size_t row)
{
    const struct value *best = value_get(c->d->sweep, "best");
    bool has_best = best && best->kind == VALUE_DICT, next = !c->d->paused;
    struct progress p = watch_text_counts(c->d->sweep);
    const struct segment parts[] = {
        {watch_text_count(c, "✓", p.finished), "", FRAME_GOOD, 3, 0},
        {watch_text_count(c, "◆", p.stopped), " ", FRAME_STOPPED, 3, 0},
        {watch_text_count(c, "–", p.other), " ", FRAME_DIM, 3, 0},
        {watch_text_count(c, "·", p.pending), " ", FRAME_DIM, 3, 0},
        {has_best ? arena_printf(c->a, "best: trial %" PRId64, value_get_int(best, "number", 0))
                  : "no result yet",
         "  ", FRAME_PLAIN, 2, 0},
        {next ? chance_words(c) : NULL, " · ", FRAME_PLAIN, 3, 0},
        {next ? value_get_str(value_get(c->d->pace, "chance"), "brief", NULL) : NULL, " · ",
         FRAME_DIM, 4, 0},
        {alert_text(c), "    ", FRAME_STOPPED, next ? 1 : 0, next ? 16 : PAUSE_LEAST},
    };
    segments_put(c->f, row, 2, c->w->columns, parts, sizeof parts / sizeof *parts);
}

void watch_head_fleet(struct watch_canvas *c)
{
    const struct value *list = c->d->sweeps;
    bool all = c->w->page == WATCH_SWEEPS || c->w->page == WATCH_KEYS;
    int64_t n = all && list && list->kind == VALUE_LIST ? (int64_t)list->list.n : c->d->sweeps_of;
    const struct segment parts[] = {
        {"besom", "", FRAME_BOLD, 0, 0},
        {arena_printf(c->a, "%" PRId64 " sweep%s", n, n == 1 ? "" : "s"), " · ", FRAME_PLAIN, 1, 0},
        {watch_text_slots(c, c->w->columns >= WIDE), " · ", FRAME_PLAIN, 1, 0},
        {watch_text_load(c), " · ", FRAME_PLAIN, 2, 0},
        {c->d->clock, " · ", FRAME_PLAIN, 4, 0},
        {all ? c->d->trouble : NULL, " · ", FRAME_BAD, 1, 20},
    };
    segments_put(c->f, 0, 0, live_put(c, 0), parts, sizeof parts / sizeof *parts);
}
