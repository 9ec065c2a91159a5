/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/progress/forecast.h"
#include "cli/progress/progress_block.h"

enum { SLOTS_DRAWN = 16 };

struct progress watch_text_counts(const struct value *sweep)
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

const char *watch_text_bar(struct watch_canvas *c, const struct progress *p, size_t width)
{
    struct buf bar;
    buf_init(&bar, SIZE_MAX);
    progress_block_bar(&bar, p, width, c->f->ascii);
    const char *copy = arena_strndup(c->a, buf_str(&bar), bar.len);
    buf_done(&bar);
    return copy;
}

const char *watch_text_count(struct watch_canvas *c, const char *glyph, uint64_t n)
{
    return n > 0 ? arena_printf(c->a, "%s%s", glyph, watch_canvas_count(c, n)) : NULL;
}

const char *watch_text_done(struct watch_canvas *c, const struct progress *p)
{
    const char *done = watch_canvas_count(c, ended_of(p));
    return p->total ? arena_printf(c->a, "%s/%s", done, watch_canvas_count(c, p->total)) : done;
}

const char *watch_text_left(struct watch_canvas *c, const struct value *pace)
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

const char *watch_text_hours(struct watch_canvas *c, const struct value *pace)
{
    double hours = value_get_float(pace, "hours", NAN);
    return hours >= 0.05
               ? arena_printf(c->a, "%.3g %s-h", hours, value_get_str(pace, "hours_of", "slot"))
               : NULL;
}

const char *watch_text_slots(struct watch_canvas *c, bool drawn)
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
    const char *bar = "";
    for (uint64_t i = 0; drawn && all <= SLOTS_DRAWN && i < all; i++)
        bar = arena_printf(c->a, "%s%s", bar, i < busy ? "▮" : "▯");
    return all > 0 ? arena_printf(c->a, "slots %s%s%" PRIu64 "/%" PRIu64, bar, *bar ? " " : "",
                                  busy, all)
                   : NULL;
}

const char *watch_text_load(struct watch_canvas *c)
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

const char *watch_text_best(struct watch_canvas *c, const struct value *sweep)
{
    const struct value *best = value_get(sweep, "best");
    const char *goal = value_get_str(value_get(sweep, "metric"), "goal", "");
    if (!best || best->kind != VALUE_DICT)
        return NULL;
    return arena_printf(c->a, "best %s %s", strcmp(goal, "maximize") == 0 ? "↑" : "↓",
                        watch_canvas_number(c, value_get(best, "objective")));
}
