/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/runs/run_show.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag/display.h"
#include "base/number/cell.h"
#include "cli/print/elapsed.h"
#include "cli/print/label_line.h"
#include "cli/print/table.h"
#include "cli/runs/run_media.h"
#include "cli/runs/run_table.h"

static void print_head(struct looking *l, const struct value *run)
{
    static const char *const texts[][2] = {
        {"sweep", "sweep"}, {"group", "group"},     {"job_type", "job type"}, {"notes", "notes"},
        {"host", "host"},   {"program", "program"}, {"commit", "commit"},     {"by", "by"}};
    struct arena *a = &l->arena;
    struct buf *out = &l->out;
    char span[ELAPSED_BYTES];
    const struct value *code = value_get(run, "exit_code");
    const char *state = value_get_str(run, "state", "?");
    if (code && code->kind == VALUE_INT && code->i != 0)
        state = arena_printf(a, "%s (exit code %" PRId64 ")", state, code->i);
    label_line_print(out, "run", value_get_str(run, "name", ""));
    label_line_print(out, "name", value_get_str(run, "display", ""));
    label_line_print(out, "project",
                     arena_printf(a, "%s/%s", value_get_str(run, "entity", ""),
                                  value_get_str(run, "project", "")));
    label_line_print(out, "state", state);
    label_line_print(out, "tags", run_table_tags(a, value_get(run, "tags")));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        label_line_print(out, texts[i][1], value_get_str(run, texts[i][0], ""));
    label_line_print(out, "created", looking_moment(a, run, "created"));
    label_line_print(out, "ended", looking_moment(a, run, "ended"));
    elapsed_format(span, value_get_float(run, "duration", -1));
    label_line_print(out, "time", span);
    label_line_print(out, "rows", arena_printf(a, "%" PRId64, value_get_int(run, "rows", 0)));
}

/* What wandb keeps for itself begins with _. */
static void print_part(struct looking *l, const char *title, const struct value *part)
{
    struct value *flat = value_flatten(&l->arena, part);
    bool any = false;
    for (size_t i = 0; i < flat->dict.n; i++) {
        const char *name = flat->dict.entries[i].key;
        if (name[0] == '_')
            continue;
        if (!any)
            buf_addf(&l->out, "\n%s\n", title);
        any = true;
        buf_adds(&l->out, "  ");
        display_clean(&l->out, name, strlen(name));
        buf_adds(&l->out, ": ");
        const char *text = cell_value(&l->arena, flat->dict.entries[i].value);
        display_clean(&l->out, text, strlen(text));
        buf_addc(&l->out, '\n');
    }
}

static void names_collect(struct arena *a, struct value *names, const struct value *rows)
{
    for (size_t i = 0; i < rows->list.n; i++) {
        const struct value *row = rows->list.items[i];
        for (size_t k = 0; k < row->dict.n; k++) {
            const struct value_entry *e = &row->dict.entries[k];
            bool shown =
                strcmp(e->key, "_step") == 0 || (e->key[0] != '_' && value_is_number(e->value));
            if (shown && !value_get(names, e->key))
                value_put(a, names, e->key, value_null(a));
        }
    }
}

static void print_rows(struct looking *l, const struct value *rows)
{
    struct arena *a = &l->arena;
    struct value *flat = value_list(a), *names = value_dict(a);
    struct table t;
    if (!rows || rows->kind != VALUE_LIST || rows->list.n == 0)
        return;
    for (size_t i = 0; i < rows->list.n; i++)
        value_push(a, flat, value_flatten(a, run_media_fold(a, rows->list.items[i])));
    value_put(a, names, "_step", value_null(a));
    names_collect(a, names, flat);
    table_init(&t, a);
    for (size_t k = 0; k < names->dict.n; k++)
        table_column(&t, k == 0 ? "step" : names->dict.entries[k].key,
                     k == 0 ? TABLE_RIGHT : TABLE_RIGHT | TABLE_DROP);
    for (size_t i = 0; i < flat->list.n; i++)
        for (size_t k = 0; k < names->dict.n; k++)
            table_cell(&t,
                       cell_value(a, value_get(flat->list.items[i], names->dict.entries[k].key)),
                       TABLE_PLAIN);
    buf_adds(&l->out, "\nlast rows\n");
    table_print(&l->out, &t, l->table_columns, l->colour);
    table_done(&t);
}

static void print_texts(struct looking *l, const char *title, const struct value *list)
{
    for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.n; i++) {
        const char *text = list->list.items[i]->kind == VALUE_STR ? list->list.items[i]->s.ptr : "";
        if (i == 0)
            buf_addf(&l->out, "\n%s\n", title);
        buf_adds(&l->out, "  ");
        display_clean(&l->out, text, strlen(text));
        buf_addc(&l->out, '\n');
    }
}

static void print_alerts(struct looking *l, const struct value *alerts)
{
    struct value *texts = value_list(&l->arena);
    for (size_t i = 0; alerts && alerts->kind == VALUE_LIST && i < alerts->list.n; i++) {
        const struct value *alert = alerts->list.items[i];
        const char *text =
            arena_printf(&l->arena, "%s  %s: %s", looking_moment(&l->arena, alert, "time"),
                         value_get_str(alert, "title", ""), value_get_str(alert, "text", ""));
        value_push(&l->arena, texts, value_str(&l->arena, text));
    }
    print_texts(l, "alerts", texts);
}

static void print_files(struct looking *l, const struct value *files)
{
    struct value *texts = value_list(&l->arena);
    for (size_t i = 0; files && files->kind == VALUE_LIST && i < files->list.n; i++) {
        const struct value *f = files->list.items[i];
        const char *text = arena_printf(&l->arena, "%s  %" PRId64 " bytes",
                                        value_get_str(f, "name", ""), value_get_int(f, "bytes", 0));
        value_push(&l->arena, texts, value_str(&l->arena, text));
    }
    print_texts(l, "files", texts);
}

void run_show_print(struct looking *l, const struct value *run)
{
    print_head(l, run);
    print_part(l, "configuration", value_get(run, "config"));
    print_part(l, "summary", run_media_fold(&l->arena, value_get(run, "summary")));
    print_rows(l, value_get(run, "last_rows"));
    print_files(l, value_get(run, "files"));
    print_alerts(l, value_get(run, "alerts"));
    print_texts(l, "last lines of its output", value_get(run, "log"));
}
