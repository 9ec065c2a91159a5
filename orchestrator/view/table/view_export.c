/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/table/view_export.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/view/arrays/view_arrays.h"
#include "orchestrator/view/table/columns.h"
#include "orchestrator/view/table/trial_csv.h"
#include "orchestrator/view/view_inside.h"

struct view_export {
    struct arena arena, row;
    char sweep[16];
    struct columns columns;
    struct view_query query;
    bool csv, begun;
    struct buf *out;
};

static int export_begin(struct view_export *e, struct view *v, const char *filter, struct err *err)
{
    static const struct columns_choice whole = {.metrics = true};
    struct value *known;
    int rc = view_arrays_check(v, &e->arena, e->sweep, filter, &e->query.parsed, &known, err);
    if (rc != 0)
        return rc;
    e->query.filter = filter ? arena_strdup(&e->arena, filter) : NULL;
    columns_init(&e->columns, &e->arena, known, NULL);
    return columns_choose_all(&e->columns, &whole, err);
}

int view_export_new(struct view *v, const char *sweep, const char *format, const char *filter,
                    struct view_export **ret, struct err *err)
{
    bool csv = strcmp(format, "csv") == 0;
    char id[16];
    if (!csv && strcmp(format, "jsonl") != 0)
        return err_set(err, ERR_USAGE, "format=%.20s: it is csv or jsonl", format);
    v->served = true;
    int rc = view_find_sweep(v, sweep, id, err);
    if (rc != 0)
        return rc;
    struct view_export *e = mem_alloc(sizeof *e);
    memcpy(e->sweep, id, sizeof id);
    e->csv = csv;
    arena_init(&e->arena);
    arena_init(&e->row);
    rc = export_begin(e, v, filter, err);
    if (rc != 0)
        view_export_free(e);
    else
        *ret = e;
    return rc;
}

static int export_row(void *arg, const struct value *trial)
{
    struct view_export *e = arg;
    e->query.from = (uint64_t)value_get_int(trial, "number", 0) + 1;
    if (e->csv) {
        trial_csv_row(e->out, &e->row, &e->columns, trial);
    } else {
        json_print(e->out, trial, JSON_COMPACT);
        buf_addc(e->out, '\n');
    }
    arena_clear(&e->row);
    return e->out->len >= VIEW_EXPORT_BYTES;
}

int view_export_next(struct view_export *e, struct view *v, struct buf *out, struct err *err)
{
    if (e->csv && !e->begun)
        trial_csv_head(out, &e->columns);
    e->begun = true;
    e->out = out;
    int rc = view_trials(v, e->sweep, &e->query, export_row, e, err);
    e->out = NULL;
    return rc;
}

const char *view_export_sweep(const struct view_export *e)
{
    return e->sweep;
}

void view_export_free(struct view_export *e)
{
    if (!e)
        return;
    columns_done(&e->columns);
    arena_done(&e->row);
    arena_done(&e->arena);
    mem_free(e);
}
