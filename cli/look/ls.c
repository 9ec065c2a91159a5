/* SPDX-License-Identifier: GPL-3.0-or-later */
/* besom ls: the sweeps of a store. */
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/cmd.h"
#include "cli/print/elapsed.h"
#include "cli/look/looking.h"
#include "cli/print/table.h"
#include "sweep/tag/tag.h"

static const char *done_of_total(struct arena *a, const struct value *sweep)
{
    static const char *const open[] = {"pending", "running"};
    const struct value *counts = value_get(sweep, "counts"), *total = value_get(sweep, "total");
    int64_t done = 0;
    for (size_t i = 0; counts && i < counts->dict.n; i++)
        if (strcmp(counts->dict.entries[i].key, open[0]) != 0 &&
            strcmp(counts->dict.entries[i].key, open[1]) != 0)
            done += value_get_int(counts, counts->dict.entries[i].key, 0);
    if (total && total->kind == VALUE_INT)
        return arena_printf(a, "%" PRId64 "/%" PRId64, done, total->i);
    return arena_printf(a, "%" PRId64, done);
}

/* The path from the current directory; only the file's name if it is outside. */
static const char *spec_shown(struct arena *a, const char *path)
{
    char here[PATH_MAX];
    size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (len > 1 && strncmp(path, here, len) == 0 && path[len] == '/')
        return arena_strdup(a, path + len + 1);
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static enum table_tone tone_of(const char *state)
{
    return strcmp(state, "running") == 0    ? TABLE_BUSY
           : strcmp(state, "finished") == 0 ? TABLE_GOOD
           : strcmp(state, "paused") == 0   ? TABLE_BAD
                                            : TABLE_PLAIN;
}

static bool any_tagged(const struct value *sweeps)
{
    for (size_t i = 0; i < sweeps->list.n; i++) {
        const struct value *tags = value_get(sweeps->list.items[i], "tags");
        if (tags && tags->kind == VALUE_LIST && tags->list.n > 0)
            return true;
    }
    return false;
}

static void add_row(struct looking *l, struct table *t, const struct value *sweep, double now,
                    bool tagged)
{
    char age[ELAPSED_BYTES];
    struct arena *a = t->arena;
    const char *tags = tag_list_text(a, value_get(sweep, "tags"));
    const struct value *counts = value_get(sweep, "counts");
    int64_t failed = value_get_int(counts, "failed", 0);
    elapsed_format(age, fmax(0, now - value_get_float(sweep, "created", now)));
    table_cell(t, value_get_str(sweep, "id", ""), TABLE_PLAIN);
    table_cell(t, value_get_str(sweep, "name", ""), TABLE_PLAIN);
    table_cell(t, looking_sweep_state(l, sweep), tone_of(value_get_str(sweep, "state", "")));
    table_cell(t, done_of_total(a, sweep), TABLE_PLAIN);
    table_cell(t, failed ? arena_printf(a, "%" PRId64, failed) : "", TABLE_BAD);
    table_cell(t, cell_value(a, value_get(value_get(sweep, "best"), "objective")), TABLE_PLAIN);
    table_cell(t, value_get_str(value_get(sweep, "metric"), "name", ""), TABLE_PLAIN);
    table_cell(t, age, TABLE_PLAIN);
    table_cell(t, value_get_str(sweep, "method", ""), TABLE_PLAIN);
    table_cell(t, spec_shown(a, value_get_str(sweep, "path", "")), TABLE_PLAIN);
    if (tagged)
        table_cell(t, cell_value(a, tags ? value_str(a, tags) : NULL), TABLE_PLAIN);
}

static void print_sweeps(struct looking *l, const struct value *sweeps)
{
    struct table t;
    bool tagged = any_tagged(sweeps);
    table_init(&t, &l->arena);
    table_column(&t, "sweep", 0);
    table_column(&t, "name", TABLE_SHRINK | TABLE_DROP);
    table_column(&t, "state", TABLE_SHRINK_LATE);
    table_column(&t, "done", TABLE_RIGHT);
    table_column(&t, "failed", TABLE_RIGHT | TABLE_DROP_LATE);
    table_column(&t, "best", TABLE_RIGHT);
    table_column(&t, "metric", TABLE_SHRINK | TABLE_DROP);
    table_column(&t, "age", TABLE_RIGHT | TABLE_DROP);
    table_column(&t, "method", TABLE_DROP);
    table_column(&t, "spec", TABLE_SHRINK | TABLE_DROP);
    if (tagged)
        table_column(&t, "tags", TABLE_SHRINK | TABLE_DROP);
    for (size_t i = 0; i < sweeps->list.n; i++)
        add_row(l, &t, sweeps->list.items[i], (double)time(NULL), tagged);
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static int show_sweeps(struct looking *l, const struct invocation *inv, struct err *err)
{
    struct value *sweeps;
    (void)inv;
    int rc = view_sweeps(l->view, &l->arena, &sweeps, err);
    if (rc)
        return rc;
    if (l->json) {
        looking_json(l, sweeps);
    } else if (sweeps->list.n == 0) {
        if (l->remote) {
            buf_adds(&l->out, "no sweep at this controller yet: besom sweep SPEC\n");
            return 0;
        }
        buf_adds(&l->out, "no sweep in ");
        display_clean(&l->out, l->dir, strlen(l->dir));
        buf_adds(&l->out, " yet: besom run SPEC\n");
    } else {
        print_sweeps(l, sweeps);
    }
    return 0;
}

int cmd_ls(struct invocation *inv)
{
    return looking_run(inv, show_sweeps);
}
