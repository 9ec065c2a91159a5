/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_table.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/number/cell.h"
#include "orchestrator/view/table/csv.h"
#include "cli/print/elapsed.h"
#include "cli/print/table.h"

const char *run_table_moment(struct arena *a, double seconds)
{
    char text[32];
    struct tm parts;
    time_t at = (time_t)seconds;
    if (!gmtime_r(&at, &parts) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts))
        return "";
    return arena_strdup(a, text);
}

const char *run_table_tags(struct arena *a, const struct value *tags)
{
    const char *text = "";
    for (size_t i = 0; tags && tags->kind == VALUE_LIST && i < tags->list.n; i++)
        if (tags->list.items[i]->kind == VALUE_STR)
            text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", tags->list.items[i]->s.ptr);
    return text;
}

static bool is_field(const struct run_column *c, const char *name)
{
    return c->of == RUN_COLUMN_FIELD && strcmp(c->name, name) == 0;
}

static unsigned column_flags(const struct run_column *c)
{
    static const char *const texts[] = {"name",  "display", "state", "sweep",
                                        "group", "tags",    "notes", "job_type"};
    unsigned flags = TABLE_RIGHT;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (is_field(c, texts[i]))
            flags = TABLE_SHRINK;
    if (is_field(c, "name"))
        return 0;
    return flags | (c->pinned                ? TABLE_KEEP
                    : is_field(c, "state")   ? TABLE_KEEP
                    : is_field(c, "display") ? TABLE_DROP_LATE
                                             : TABLE_DROP);
}

static enum table_tone state_tone(const char *state)
{
    if (strcmp(state, "finished") == 0)
        return TABLE_GOOD;
    if (strcmp(state, "failed") == 0 || strcmp(state, "crashed") == 0)
        return TABLE_BAD;
    return strcmp(state, "running") == 0 ? TABLE_BUSY : TABLE_PLAIN;
}

static const char *cell_text(struct arena *a, const struct run_column *c, const struct value *v,
                             double now)
{
    char span[ELAPSED_BYTES];
    if (!v)
        return "";
    if (is_field(c, "tags"))
        return run_table_tags(a, v);
    if (!is_field(c, "duration") && !is_field(c, "created"))
        return cell_value(a, v);
    double seconds = value_number(v);
    elapsed_format(span, is_field(c, "created") ? fmax(0, now - seconds) : seconds);
    return arena_strdup(a, span);
}

void run_table_print(struct buf *out, const struct run_columns *c, double now, size_t width,
                     bool colour)
{
    struct table t;
    table_init(&t, c->arena);
    for (size_t i = 0; i < c->n; i++)
        table_column(&t, c->items[i].title, column_flags(&c->items[i]));
    for (size_t i = 0; i < c->runs->list.n; i++)
        for (size_t k = 0; k < c->n; k++) {
            const struct value *v = run_columns_value(c, &c->items[k], i);
            const char *text = cell_text(c->arena, &c->items[k], v, now);
            table_cell(&t, text, is_field(&c->items[k], "state") ? state_tone(text) : TABLE_PLAIN);
        }
    table_print(out, &t, width, colour);
    table_done(&t);
}

static void csv_field(struct buf *out, const struct run_columns *c, const struct run_column *column,
                      const struct value *v, bool first)
{
    static const char *const moments[] = {"created", "heartbeat", "ended"};
    const char *tags = v && is_field(column, "tags") ? run_table_tags(c->arena, v) : "";
    if (*tags) {
        csv_text(out, first, tags);
        return;
    }
    v = is_field(column, "tags") ? NULL : v;
    for (size_t i = 0; v && i < sizeof moments / sizeof *moments; i++) {
        if (is_field(column, moments[i])) {
            csv_text(out, first, run_table_moment(c->arena, value_number(v)));
            return;
        }
    }
    csv_value(out, c->arena, first, v);
}

void run_table_csv(struct buf *out, const struct run_columns *c)
{
    for (size_t k = 0; k < c->n; k++)
        csv_text(out, k == 0, c->items[k].title);
    buf_addc(out, '\n');
    for (size_t i = 0; i < c->runs->list.n; i++) {
        for (size_t k = 0; k < c->n; k++)
            csv_field(out, c, &c->items[k], run_columns_value(c, &c->items[k], i), k == 0);
        buf_addc(out, '\n');
    }
}
