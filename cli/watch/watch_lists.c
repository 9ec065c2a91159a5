/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/watch/watch_lists.h"

#include <string.h>
#include <time.h>

enum {
    LIST_EVERY_S = 5,
    TELL_EVERY_S = 5, /* and at most a fiftieth of the time */
    COST = 50,
    TELL_MS = 50 /* of one look */
};

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void others_read(struct watch_lists *lists, struct looking *l, const struct watch *w,
                        struct watch_data *d, const struct watch_data *before)
{
    struct value *query = value_dict(&d->arena), *others = value_list(&d->arena);
    const struct value *page = NULL;
    struct err none = {0};
    double now = clock_s(CLOCK_MONOTONIC);
    bool same = before && before->others && before->sweep &&
                strcmp(value_get_str(before->sweep, "id", ""), w->sweep) == 0;
    d->others = others;
    if (same && now - lists->read_at < LIST_EVERY_S) {
        d->others = value_copy(&d->arena, before->others);
        d->sweeps_of = before->sweeps_of;
        return;
    }
    value_put(&d->arena, query, "sort",
              value_str(&d->arena, "state")); /* "finished" is late in it */
    value_put(&d->arena, query, "desc", value_str(&d->arena, "1"));
    value_put(&d->arena, query, "limit",
              value_str(&d->arena, arena_printf(&d->arena, "%d", WATCH_OTHERS + 1)));
    if (looking_document(l, &d->arena, "sweeps", query, &page, &none) != 0)
        return;
    const struct value *list = value_get(page, "sweeps");
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "id", ""), w->sweep) != 0)
            value_push(&d->arena, others, value_copy(&d->arena, list->list.items[i]));
    d->sweeps_of = value_get_int(page, "of", 0);
    lists->read_at = now;
}

/* How a sweep of a list goes, and who paused it. */
static struct value *sweep_tell(struct looking *l, struct watch_data *d, const struct value *sweep)
{
    static const char *const shown[] = {"line", "left", "hours", "hours_of"}; /* of the pace */
    struct arena *a = &d->arena;
    struct value *told = value_dict(a);
    const struct value *pace = NULL;
    struct err none = {0};
    const char *id = value_get_str(sweep, "id", ""), *state = value_get_str(sweep, "state", "");
    double from = clock_s(CLOCK_MONOTONIC), at = -1;
    int rc = looking_document(l, a, arena_printf(a, "sweeps/%s/pace", id), NULL, &pace, &none);
    for (size_t i = 0; rc == 0 && i < sizeof shown / sizeof *shown; i++)
        if (value_get(pace, shown[i]))
            value_put(a, told, shown[i], value_copy(a, value_get(pace, shown[i])));
    const char *by = strcmp(state, "paused") == 0 ? looking_pause_by(l, a, id, &at) : NULL;
    if (by)
        value_put(a, told, "by", value_str(a, by));
    value_put(a, told, "at", value_float(a, at));
    value_put(a, told, "state", value_str(a, state));
    value_put(a, told, "read", value_float(a, from));
    value_put(a, told, "took", value_float(a, clock_s(CLOCK_MONOTONIC) - from));
    return told;
}

/* What is told of a sweep stays so once it has ended or is paused. */
static bool told_is_new(const struct value *told, const struct value *sweep, double now)
{
    const char *state = value_get_str(sweep, "state", "");
    bool goes = strcmp(state, "running") == 0 || strcmp(state, "stopping") == 0;
    double age = now - value_get_float(told, "read", 0), took = value_get_float(told, "took", 0);
    return strcmp(value_get_str(told, "state", ""), state) == 0 &&
           (!goes || age < (took * COST > TELL_EVERY_S ? took * COST : TELL_EVERY_S));
}

/* Of the sweeps [from, to) of a list, counted from its end with `backwards`; those that take too long are read at
 * later looks. */
static void told_read(struct looking *l, struct watch_data *d, const struct watch_data *before,
                      const struct value *list, size_t from, size_t to, bool backwards)
{
    double began = clock_s(CLOCK_MONOTONIC), now = began;
    struct value *all = value_dict(&d->arena);
    size_t n = list && list->kind == VALUE_LIST ? list->list.n : 0;
    d->told = all;
    for (size_t i = from; i < to && i < n; i++) {
        const struct value *sweep = list->list.items[backwards ? n - 1 - i : i];
        const char *id = value_get_str(sweep, "id", "");
        const struct value *had = before ? value_get(before->told, id) : NULL;
        bool keep = (had && told_is_new(had, sweep, now)) || (now - began) * 1000 > TELL_MS;
        if (!keep)
            value_put(&d->arena, all, id, sweep_tell(l, d, sweep));
        else if (had)
            value_put(&d->arena, all, id, value_copy(&d->arena, had));
        now = clock_s(CLOCK_MONOTONIC);
    }
}

bool watch_lists_mark(struct looking *l, struct watch_data *d, struct value *sweep)
{
    bool left = looking_is_left(l, sweep);
    if (left)
        value_put(&d->arena, sweep, "state", value_str(&d->arena, "interrupted"));
    return left;
}

static void list_mark(struct looking *l, struct watch_data *d, const struct value *list)
{
    size_t n = list && list->kind == VALUE_LIST ? list->list.n : 0;
    for (size_t i = 0; i < n; i++)
        watch_lists_mark(l, d, list->list.items[i]);
}

void watch_lists_all(struct looking *l, const struct watch *w, struct watch_data *d,
                     const struct watch_data *before)
{
    size_t row = w->sweep_row == WATCH_ROW_OF_SWEEP ? 0 : w->sweep_row;
    told_read(l, d, before, d->sweeps, row < w->lines ? 0 : row - w->lines, row + w->lines, true);
    list_mark(l, d, d->sweeps);
}

void watch_lists_others(struct watch_lists *lists, struct looking *l, const struct watch *w,
                        struct watch_data *d, const struct watch_data *before)
{
    others_read(lists, l, w, d, before);
    told_read(l, d, before, d->others, 0, WATCH_OTHERS, false);
    list_mark(l, d, d->others);
}
