/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/arrays/arrays_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/arrays/flat.h"
#include "orchestrator/view/curves/view_reduce.h"
#include "orchestrator/view/explain/diverged.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"
#include "protocol/log_cause.h"

enum { CAUSE_BYTES = 120 };

static const struct {
    const char *name;
    int at; /* in VIEW_TRIAL_COLUMNS */
    struct value *(*read)(struct arena *a, sqlite3_stmt *st, int at);
} fixed[] = {
    {"number", 0, view_row_int},     {"state", 2, view_row_text},   {"reason", 3, view_row_text},
    {"agent", 6, view_row_text},     {"attempts", 5, view_row_int}, {"step", 13, view_row_int},
    {"created", 8, view_row_time},   {"started", 9, view_row_time}, {"ended", 10, view_row_time},
    {"duration", 15, view_row_time}, {"tags", 16, view_row_text},
};
enum { FIXED = sizeof fixed / sizeof *fixed };

struct reading {
    struct view *v;
    struct arrays *a;
    const char *sweep;
    const struct view_arrays *q;
    struct err *err;
    const char **states; /* of the rows, where causes are wanted */
    size_t states_cap, row;
    struct flat params, metrics;
    bool causes, has_params, has_metrics;
};

/* A statement of the rows. id: of a trial, in it; only numbers come into its text. */
static int rows_select(const struct reading *r, const char *select, const char *id,
                       const char *then, sqlite3_stmt **ret)
{
    const struct view_arrays *q = r->q;
    struct buf sql;
    buf_init(&sql, SIZE_MAX);
    buf_addf(&sql, "%s WHERE s.id = ?1", select);
    if (q->trials) {
        buf_addf(&sql, " AND %s & ((1 << 40) - 1) IN (", id);
        for (size_t i = 0; i < q->trials_n; i++)
            buf_addf(&sql, "%s%llu", i ? "," : "", (unsigned long long)q->trials[i]);
        buf_adds(&sql, ")");
    }
    if (q->span)
        buf_addf(&sql, " AND %s BETWEEN s.n << 40 | %llu AND s.n << 40 | %llu", id,
                 (unsigned long long)q->span->first, (unsigned long long)q->span->last);
    if (q->most)
        buf_addf(&sql,
                 " AND (%s >= s.n << 40 | max(0, s.proposed - %llu) OR %s = s.n << 40 | s.best)",
                 id, (unsigned long long)q->most, id);
    buf_addf(&sql, " ORDER BY %s%s", id, then);
    *ret = NULL;
    int rc = store_sql_use(r->v->db, ret, buf_str(&sql), r->err);
    if (rc == 0)
        store_sql_text(*ret, 1, r->sweep);
    buf_done(&sql);
    return rc;
}

static int rows_step(const struct reading *r, sqlite3_stmt *st)
{
    int rc = store_sql_step(st, r->err);
    return rc > 0 && r->a->cells >= ARRAYS_CELLS_MAX
               ? err_set(r->err, ERR_LIMIT,
                         "the sweep has too many values: name fewer columns (cols=)")
               : rc;
}

static void *params_find(void *arg, const char *name)
{
    struct reading *r = arg;
    return arrays_column(r->a, arena_printf(&r->params.arena, "params.%s", name));
}

static void *metrics_find(void *arg, const char *name)
{
    struct reading *r = arg;
    return arrays_column(r->a, arena_printf(&r->metrics.arena, "metrics.%s", name));
}

static void params_take(void *arg, void *column, struct json_span value)
{
    struct reading *r = arg;
    struct value v;
    if (json_span_value(&r->a->arena, value, &v))
        arrays_set(r->a, column, r->row, v);
}

static void cause_set(struct reading *r, size_t row, const char *text)
{
    struct arena *a = &r->a->arena;
    arrays_set(r->a, arrays_column(r->a, "cause"), row,
               *value_str(a, log_cause_short(a, text, CAUSE_BYTES)));
}

/* Why it failed. */
static int cause_read(struct reading *r, sqlite3_stmt *st)
{
    struct value *cause;
    const char *state = store_sql_get_text(st, 2);
    r->states = mem_grow(r->states, &r->states_cap, r->row + 1, sizeof *r->states);
    r->states[r->row] = arena_strdup(&r->a->arena, state);
    int rc = view_end_cause(r->v, &r->a->arena, store_sql_get_u64(st, 12), state, &cause, r->err);
    if (rc == 0 && cause->kind == VALUE_STR)
        cause_set(r, r->row, cause->s.ptr);
    return rc;
}

static int row_add(struct reading *r, sqlite3_stmt *st)
{
    struct arrays *a = r->a;
    r->row = a->rows++;
    a->ids = mem_grow(a->ids, &a->ids_cap, a->rows, sizeof *a->ids);
    a->ids[r->row] = store_sql_get_u64(st, 12);
    for (size_t i = 0; i < FIXED; i++) {
        struct array *column = arrays_column(a, fixed[i].name);
        if (column)
            arrays_set(a, column, r->row, *fixed[i].read(&a->arena, st, fixed[i].at));
    }
    if (!store_sql_is_null(st, 11))
        arrays_set(a, arrays_column(a, "objective"), r->row,
                   (struct value){.kind = VALUE_FLOAT, .f = store_sql_get_number(st, 11)});
    if (r->has_params) {
        const char *text = store_sql_get_text(st, 4);
        flat_dict(&r->params, text, strlen(text), params_take);
    }
    return r->causes ? cause_read(r, st) : 0;
}

static int rows_read(struct reading *r)
{
    sqlite3_stmt *st;
    int rc = rows_select(r, "SELECT " VIEW_TRIAL_COLUMNS VIEW_TRIALS_OF_SWEEP, "t.id", "", &st);
    while (rc >= 0 && (rc = rows_step(r, st)) > 0)
        if ((rc = row_add(r, st)) < 0)
            break;
    sqlite3_finalize(st);
    return rc;
}

/* Moves on to the row of a trial; false: it has none. Both are in the order of ids. */
static bool row_seek(struct reading *r, uint64_t id)
{
    const struct arrays *a = r->a;
    while (r->row < a->rows && a->ids[r->row] < id)
        r->row++;
    return r->row < a->rows && a->ids[r->row] == id;
}

static void divergence_read(struct reading *r, const char *metric, double last)
{
    const char *said = !r->causes || isfinite(last)
                           ? NULL
                           : diverged_last(&r->a->arena, r->states[r->row], metric, last);
    if (said && !arrays_cell(arrays_column(r->a, "cause"), r->row))
        cause_set(r, r->row, said);
}

static int metrics_read(struct reading *r)
{
    sqlite3_stmt *st;
    size_t at = 0, row = SIZE_MAX;
    int rc = rows_select(r,
                         "SELECT m.trial, m.key, m.value FROM sweep s JOIN metric m ON m.trial"
                         " BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1",
                         "m.trial", ", m.place", &st);
    r->row = 0;
    while (rc >= 0 && (rc = rows_step(r, st)) > 0) {
        if (!row_seek(r, store_sql_get_u64(st, 0)))
            continue;
        at = row == r->row ? at + 1 : 0;
        row = r->row;
        const char *key = store_sql_get_text(st, 1);
        double last = store_sql_get_number(st, 2);
        arrays_set(r->a, flat_name(&r->metrics, at, key), row,
                   (struct value){.kind = VALUE_FLOAT, .f = last});
        divergence_read(r, key, last);
    }
    sqlite3_finalize(st);
    return rc;
}

/* Values of the sweep's metric at the bands of early_terminate. */
static int rungs_read(struct reading *r)
{
    sqlite3_stmt *st;
    int rc = rows_select(r,
                         "SELECT r.trial, r.iterations, r.value FROM sweep s JOIN rung r ON r.trial"
                         " BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1",
                         "r.trial", ", r.iterations", &st);
    r->row = 0;
    while (rc >= 0 && (rc = rows_step(r, st)) > 0) {
        char name[40];
        if (!row_seek(r, store_sql_get_u64(st, 0)))
            continue;
        snprintf(name, sizeof name, "rung.%llu", (unsigned long long)store_sql_get_u64(st, 1));
        arrays_set(r->a, arrays_column(r->a, name), r->row,
                   (struct value){.kind = VALUE_FLOAT, .f = store_sql_get_number(st, 2)});
    }
    sqlite3_finalize(st);
    return rc;
}

static int reduced_read(struct reading *r)
{
    struct arrays *a = r->a;
    struct view_reduce reduce;
    double value = 0;
    bool has;
    int rc = view_reduce_find(r->v, &a->arena, r->sweep, r->q->reduce, &reduce, r->err);
    const char *name = arena_printf(&a->arena, "reduce.%s", r->q->reduce);
    for (size_t row = 0; rc == 0 && row < a->rows; row++) {
        uint64_t number = store_trial_number(a->ids[row]);
        rc = view_reduce_read(r->v, r->sweep, number, &reduce, &has, &value, r->err);
        if (rc == 0 && has)
            arrays_set(a, arrays_column(a, name), row,
                       (struct value){.kind = VALUE_FLOAT, .f = value});
    }
    return rc;
}

int arrays_read(struct view *v, struct arrays *a, const char *sweep, const struct view_arrays *q,
                struct err *err)
{
    struct reading r = {.v = v, .a = a, .sweep = sweep, .q = q, .err = err};
    r.causes = arrays_wants(a, "cause");
    r.has_params = arrays_wants_any(a, "params.");
    r.has_metrics = r.causes || arrays_wants_any(a, "metrics.");
    flat_init(&r.params, params_find, &r);
    flat_init(&r.metrics, metrics_find, &r);
    int rc = rows_read(&r);
    if (rc == 0 && r.has_metrics)
        rc = metrics_read(&r);
    if (rc == 0 && arrays_wants_any(a, "rung."))
        rc = rungs_read(&r);
    if (rc == 0 && q->reduce)
        rc = reduced_read(&r);
    flat_done(&r.params);
    flat_done(&r.metrics);
    mem_free(r.states);
    return rc;
}
