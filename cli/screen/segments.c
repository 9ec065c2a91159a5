/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/segments.h"

#include <string.h>

#include "base/check.h"

static bool is_empty(const struct segment *s)
{
    return !s->text || !*s->text;
}

struct fitting {
    const struct segment *items;
    size_t n;
    size_t natural[SEGMENTS_MAX], widths[SEGMENTS_MAX]; /* widths 0: left out */
};

static size_t fitting_width(const struct fitting *f)
{
    size_t sum = 0;
    for (size_t i = 0; i < f->n; i++)
        if (f->widths[i] > 0)
            sum += f->widths[i] + (sum > 0 ? frame_width(f->items[i].gap) : 0);
    return sum;
}

static void fitting_shrink(struct fitting *f, size_t room, bool hard)
{
    for (size_t i = 0; i < f->n; i++)
        f->widths[i] = f->widths[i] > 0 ? f->natural[i] : 0;
    for (size_t i = 0; i < f->n; i++) {
        size_t width = fitting_width(f), least = hard ? SEGMENT_SHRUNK : f->items[i].shrinks;
        if (f->items[i].shrinks == 0 || f->widths[i] <= least || width <= room)
            continue;
        size_t over = width - room, most = f->widths[i] - least;
        f->widths[i] -= over < most ? over : most;
    }
}

/* Leaves out the least important part, of equal ones the last. False: none may be. */
static bool fitting_drop(struct fitting *f)
{
    size_t drop = f->n;
    for (size_t i = 0; i < f->n; i++)
        if (f->widths[i] > 0 && f->items[i].rank > 0 &&
            (drop == f->n || f->items[i].rank >= f->items[drop].rank))
            drop = i;
    if (drop == f->n)
        return false;
    f->widths[drop] = 0;
    return true;
}

size_t segments_put(struct frame *f, size_t row, size_t from, size_t to,
                    const struct segment *segments, size_t n)
{
    struct fitting fit = {.items = segments, .n = n};
    size_t room = to > from ? to - from : 0, at = from;
    check(n <= SEGMENTS_MAX);
    for (size_t i = 0; i < n; i++)
        fit.natural[i] = fit.widths[i] = is_empty(&segments[i]) ? 0 : frame_width(segments[i].text);
    do
        fitting_shrink(&fit, room, false);
    while (fitting_width(&fit) > room && fitting_drop(&fit));
    fitting_shrink(&fit, room, true);
    for (size_t i = 0; i < n && at < to; i++) {
        if (fit.widths[i] == 0)
            continue;
        if (at > from)
            at = frame_put(f, row, at, to - at, FRAME_PLAIN, segments[i].gap);
        size_t width = at >= to ? 0 : fit.widths[i] < to - at ? fit.widths[i] : to - at;
        at = frame_put(f, row, at, width, segments[i].tone, segments[i].text);
    }
    return at;
}
