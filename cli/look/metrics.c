/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom metrics: the points of a trial, or the samples of what it used. */
#include <string.h>

#include "base/number/cell.h"
#include "cli/cmd.h"
#include "cli/print/elapsed.h"
#include "cli/invocation.h"
#include "cli/look/looking.h"
#include "cli/print/table.h"

enum { CHUNK = 64 << 10 };

struct gathering {
    struct arena *arena;
    struct value *points;
    struct value *keys; /* of the metrics, in order of appearance; a dict of nulls */
    bool attempts;      /* the points come from more than one attempt */
    bool system;        /* they are samples */
};

static int gather_point(void *arg, const struct value *point)
{
    struct gathering *g = arg;
    const struct value *metrics = value_get(point, "metrics");
    for (size_t i = 0; metrics && i < metrics->dict.n; i++)
        if (!value_get(g->keys, metrics->dict.entries[i].key))
            value_put(g->arena, g->keys, metrics->dict.entries[i].key, value_null(g->arena));
    if (g->points->list.n > 0 &&
        value_get_int(point, "attempt", 1) != value_get_int(g->points->list.items[0], "attempt", 1))
        g->attempts = true;
    value_push(g->arena, g->points, value_copy(g->arena, point));
    return 0;
}

static int print_json(void *arg, const struct value *point)
{
    struct looking *l = arg;
    looking_json(l, point);
    if (l->out.len > CHUNK)
        looking_flush(l);
    return 0;
}

/* All samples have names that begin alike. */
static const char *key_title(const struct gathering *g, const char *key)
{
    bool alike = g->system && strncmp(key, "system/", strlen("system/")) == 0;
    return alike ? key + strlen("system/") : key;
}

static void print_table(struct looking *l, const struct gathering *g)
{
    struct table t;
    char span[ELAPSED_BYTES];
    table_init(&t, &l->arena);
    if (g->attempts)
        table_column(&t, "attempt", TABLE_RIGHT);
    table_column(&t, "step", TABLE_RIGHT);
    table_column(&t, "time", TABLE_RIGHT | TABLE_DROP);
    for (size_t j = 0; j < g->keys->dict.n; j++)
        table_column(&t, key_title(g, g->keys->dict.entries[j].key), TABLE_RIGHT | TABLE_DROP);
    double from = value_get_float(g->points->list.items[0], "time", 0);
    for (size_t i = 0; i < g->points->list.n; i++) {
        const struct value *point = g->points->list.items[i];
        const struct value *metrics = value_get(point, "metrics");
        if (g->attempts)
            table_cell(&t, cell_value(&l->arena, value_get(point, "attempt")), TABLE_PLAIN);
        table_cell(&t, cell_value(&l->arena, value_get(point, "step")), TABLE_PLAIN);
        elapsed_format(span, value_get_float(point, "time", 0) - from);
        table_cell(&t, span, TABLE_PLAIN);
        for (size_t j = 0; j < g->keys->dict.n; j++)
            table_cell(&t, cell_value(&l->arena, value_get(metrics, g->keys->dict.entries[j].key)),
                       TABLE_PLAIN);
    }
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

typedef int (*point_fn)(struct view *v, const char *sweep, uint64_t number, uint32_t attempt,
                        view_point_fn fn, void *arg, struct err *err);

static int show_metrics(struct looking *l, const struct invocation *inv, struct err *err)
{
    char sweep[16];
    uint64_t number, attempt = 0;
    int rc = invocation_number(inv, "attempt", 1, UINT32_MAX, &attempt, err);
    if (!rc)
        rc = view_find_trial(l->view, invocation_arg(inv, 0), sweep, &number, err);
    if (rc)
        return rc;
    bool system = invocation_flag(inv, "system");
    point_fn read = system ? view_samples : view_points;
    if (l->json)
        return read(l->view, sweep, number, (uint32_t)attempt, print_json, l, err);
    struct gathering g = {&l->arena, value_list(&l->arena), value_dict(&l->arena), false, system};
    rc = read(l->view, sweep, number, (uint32_t)attempt, gather_point, &g, err);
    if (!rc && g.points->list.n > 0)
        print_table(l, &g);
    else if (!rc)
        buf_adds(&l->out, system ? "no samples\n" : "no metrics reported\n");
    return rc;
}

int cmd_metrics(struct invocation *inv)
{
    return looking_run(inv, show_metrics);
}
