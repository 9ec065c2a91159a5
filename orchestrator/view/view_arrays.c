/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_arrays.h"

#include <stdio.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/curves/view_reduce.h"
#include "orchestrator/view/filter/filter.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"
#include "protocol/log_cause.h"

enum { CAUSE_BYTES = 120, ROWS_A_STEP = 2000 };

struct array {
    const char *name;
    const struct value **cells; /* NULL: no value */
    size_t cap;
};

struct arrays {
    struct arena arena;
    const char *cols; /* that are read */
    struct array **list;
    size_t n, cap;
    struct map names;    /* name -> struct array * */
    uint64_t *ids;       /* of the rows */
    const char **states; /* of the rows that were read, before a filter leaves some */
    size_t rows, ids_cap, states_cap, cells;
};

static bool array_is_wanted(const struct arrays *a, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = a->cols; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, len) == 0 && (at[len] == '\0' || at[len] == ','))
            return true;
    }
    return !a->cols;
}

/* The column of that name; NULL if it was not asked for. Each name is looked for in `cols` once. */
static struct array *array_of(struct arrays *a, const char *name)
{
    static struct array unwanted;
    struct array *c = map_find(&a->names, name, strlen(name));
    if (c)
        return c == &unwanted ? NULL : c;
    if (!array_is_wanted(a, name)) {
        map_put(&a->names, name, strlen(name), &unwanted);
        return NULL;
    }
    c = arena_alloc(&a->arena, sizeof *c);
    *c = (struct array){.name = arena_strdup(&a->arena, name)};
    a->list = mem_grow(a->list, &a->cap, a->n + 1, sizeof *a->list);
    a->list[a->n++] = c;
    map_put(&a->names, name, strlen(name), c);
    return c;
}

static void array_set(struct arrays *a, const char *name, size_t row, const struct value *v)
{
    struct array *c = array_of(a, name);
    if (!c || v->kind == VALUE_NULL)
        return;
    if (row >= c->cap) {
        size_t had = c->cap;
        c->cells = mem_grow(c->cells, &c->cap, row + 1, sizeof *c->cells);
        memset(c->cells + had, 0, (c->cap - had) * sizeof *c->cells);
    }
    c->cells[row] = v;
    a->cells++;
}

/* The cell of a row; NULL: none. */
static const struct value *array_get(const struct arrays *a, const char *name, size_t row)
{
    const struct array *c = map_find(&a->names, name, strlen(name));
    return c && row < c->cap ? c->cells[row] : NULL;
}

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

/* Why it failed; looked for only if somebody wants it. */
static int cause_add(struct view *v, struct arrays *a, sqlite3_stmt *st, size_t row,
                     struct err *err)
{
    struct value *cause;
    if (!array_is_wanted(a, "cause"))
        return 0;
    int rc = view_end_cause(v, &a->arena, store_sql_get_u64(st, 12), store_sql_get_text(st, 2),
                            &cause, err);
    if (rc == 0 && cause->kind == VALUE_STR)
        array_set(a, "cause", row,
                  value_str(&a->arena, log_cause_short(&a->arena, cause->s.ptr, CAUSE_BYTES)));
    return rc;
}

static int row_add(struct view *v, struct arrays *a, sqlite3_stmt *st, struct err *err)
{
    size_t row = a->rows++;
    a->ids = mem_grow(a->ids, &a->ids_cap, a->rows, sizeof *a->ids);
    a->ids[row] = store_sql_get_u64(st, 12);
    a->states = mem_grow(a->states, &a->states_cap, a->rows, sizeof *a->states);
    a->states[row] = arena_strdup(&a->arena, store_sql_get_text(st, 2));
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        array_set(a, fixed[i].name, row, fixed[i].read(&a->arena, st, fixed[i].at));
    if (!store_sql_is_null(st, 11))
        array_set(a, "objective", row, value_float(&a->arena, store_sql_get_number(st, 11)));
    struct value *flat = value_flatten(&a->arena, view_row_json(&a->arena, st, 4));
    for (size_t i = 0; flat->kind == VALUE_DICT && i < flat->dict.n; i++) {
        char name[512];
        snprintf(name, sizeof name, "params.%s", flat->dict.entries[i].key);
        array_set(a, name, row, flat->dict.entries[i].value);
    }
    return cause_add(v, a, st, row, err);
}

/* Of the named trials, or all; only numbers come into the statement's text. */
static void rows_where(struct buf *sql, const char *id, const struct view_arrays *q)
{
    buf_adds(sql, " WHERE s.id = ?1");
    if (q->trials) {
        buf_addf(sql, " AND %s & ((1 << 40) - 1) IN (", id);
        for (size_t i = 0; i < q->trials_n; i++)
            buf_addf(sql, "%s%llu", i ? "," : "", (unsigned long long)q->trials[i]);
        buf_adds(sql, ")");
    }
    if (q->span)
        buf_addf(sql, " AND %s BETWEEN s.n << 40 | %llu AND s.n << 40 | %llu", id,
                 (unsigned long long)q->span->first, (unsigned long long)q->span->last);
    if (q->most)
        buf_addf(sql,
                 " AND (%s >= s.n << 40 | max(0, s.proposed - %llu) OR %s = s.n << 40 | s.best)",
                 id, (unsigned long long)q->most, id);
    buf_addf(sql, " ORDER BY %s", id);
}

static int rows_read(struct view *v, struct arrays *a, const char *sweep,
                     const struct view_arrays *q, struct err *err)
{
    struct buf sql;
    sqlite3_stmt *st = NULL;
    buf_init(&sql, SIZE_MAX);
    buf_adds(&sql, "SELECT " VIEW_TRIAL_COLUMNS VIEW_TRIALS_OF_SWEEP);
    rows_where(&sql, "t.id", q);
    int rc = store_sql_use(v->db, &st, buf_str(&sql), err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0 && a->cells < VIEW_ARRAYS_CELLS_MAX)
        if ((rc = row_add(v, a, st, err)) < 0)
            break;
    sqlite3_finalize(st);
    buf_done(&sql);
    return rc < 0 ? rc : 0;
}

static void divergence_add(struct arrays *a, size_t row, const char *metric, double last)
{
    if (isfinite(last) || !array_is_wanted(a, "cause") || array_get(a, "cause", row))
        return;
    const char *said = view_end_diverged(&a->arena, a->states[row], metric, last);
    if (said)
        array_set(a, "cause", row,
                  value_str(&a->arena, log_cause_short(&a->arena, said, CAUSE_BYTES)));
}

/* Both are in the order of ids. */
static int metrics_read(struct view *v, struct arrays *a, const char *sweep,
                        const struct view_arrays *q, struct err *err)
{
    struct buf sql;
    sqlite3_stmt *st = NULL;
    size_t row = 0;
    buf_init(&sql, SIZE_MAX);
    buf_adds(&sql, "SELECT m.trial, m.key, m.value FROM sweep s JOIN metric m ON m.trial BETWEEN"
                   " s.n << 40 AND ((s.n + 1) << 40) - 1");
    rows_where(&sql, "m.trial", q);
    buf_adds(&sql, ", m.place");
    int rc = store_sql_use(v->db, &st, buf_str(&sql), err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0 && a->cells < VIEW_ARRAYS_CELLS_MAX) {
        char name[1100];
        uint64_t id = store_sql_get_u64(st, 0);
        while (row < a->rows && a->ids[row] < id)
            row++;
        if (row == a->rows || a->ids[row] != id)
            continue;
        snprintf(name, sizeof name, "metrics.%s", store_sql_get_text(st, 1));
        array_set(a, name, row, value_float(&a->arena, store_sql_get_number(st, 2)));
        divergence_add(a, row, store_sql_get_text(st, 1), store_sql_get_number(st, 2));
    }
    sqlite3_finalize(st);
    buf_done(&sql);
    return rc < 0 ? rc : 0;
}

/* Values of the sweep's metric at the bands of early_terminate, in the order of ids. */
static int rungs_read(struct view *v, struct arrays *a, const char *sweep,
                      const struct view_arrays *q, struct err *err)
{
    struct buf sql;
    sqlite3_stmt *st = NULL;
    size_t row = 0;
    buf_init(&sql, SIZE_MAX);
    buf_adds(&sql, "SELECT r.trial, r.iterations, r.value FROM sweep s JOIN rung r ON r.trial"
                   " BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1");
    rows_where(&sql, "r.trial", q);
    buf_adds(&sql, ", r.iterations");
    int rc = store_sql_use(v->db, &st, buf_str(&sql), err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0 && a->cells < VIEW_ARRAYS_CELLS_MAX) {
        char name[40];
        uint64_t id = store_sql_get_u64(st, 0);
        while (row < a->rows && a->ids[row] < id)
            row++;
        snprintf(name, sizeof name, "rung.%llu", (unsigned long long)store_sql_get_u64(st, 1));
        if (row < a->rows && a->ids[row] == id)
            array_set(a, name, row, value_float(&a->arena, store_sql_get_number(st, 2)));
    }
    sqlite3_finalize(st);
    buf_done(&sql);
    return rc < 0 ? rc : 0;
}

static int reduced_read(struct view *v, struct arrays *a, const char *sweep, const char *reduce,
                        struct err *err)
{
    const char *name = arena_printf(&a->arena, "reduce.%s", reduce);
    struct view_reduce r;
    double value = 0;
    bool has;
    int rc = view_reduce_find(v, &a->arena, sweep, reduce, &r, err);
    for (size_t row = 0; rc == 0 && row < a->rows; row++) {
        uint64_t number = store_trial_number(a->ids[row]);
        rc = view_reduce_read(v, sweep, number, &r, &has, &value, err);
        if (rc == 0 && has)
            array_set(a, name, row, value_float(&a->arena, value));
    }
    return rc;
}

static bool array_is_numbers(const struct arrays *a, const struct array *c)
{
    for (size_t i = 0; i < a->rows && i < c->cap; i++)
        if (c->cells[i] && c->cells[i]->kind != VALUE_INT && c->cells[i]->kind != VALUE_FLOAT)
            return false;
    return true;
}

/* Values that print alike are one word. */
static void words_print(const struct arrays *a, const struct array *c, struct buf *out)
{
    struct map words;
    struct buf text, values;
    map_init(&words);
    buf_init(&text, SIZE_MAX);
    buf_init(&values, SIZE_MAX);
    buf_adds(out, ",\"words\":[");
    for (size_t i = 0; i < a->rows; i++) {
        const struct value *v = i < c->cap ? c->cells[i] : NULL;
        buf_adds(&values, i ? "," : "");
        if (!v) {
            buf_adds(&values, "null");
            continue;
        }
        buf_clear(&text);
        json_print(&text, v, JSON_COMPACT);
        uintptr_t n = (uintptr_t)map_find(&words, buf_str(&text), text.len);
        if (n == 0) {
            n = words.live + 1;
            map_put(&words, buf_str(&text), text.len, (void *)n);
            buf_addf(out, "%s%s", n > 1 ? "," : "", buf_str(&text));
        }
        buf_addf(&values, "%zu", (size_t)n - 1);
    }
    buf_addf(out, "],\"values\":[%s]", buf_str(&values));
    buf_done(&values);
    buf_done(&text);
    map_done(&words);
}

static void array_print(const struct arrays *a, const struct array *c, struct buf *out)
{
    buf_adds(out, "{\"name\":");
    json_print_str(out, c->name, strlen(c->name));
    if (array_is_numbers(a, c)) {
        buf_adds(out, ",\"values\":[");
        for (size_t i = 0; i < a->rows; i++) {
            buf_adds(out, i ? "," : "");
            if (i < c->cap && c->cells[i])
                json_print(out, c->cells[i], JSON_COMPACT);
            else
                buf_adds(out, "null");
        }
        buf_adds(out, "]");
    } else {
        words_print(a, c, out);
    }
    buf_adds(out, "}");
}

static int arrays_count(struct view *v, const char *sweep, uint64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(v->db, &st, "SELECT count(*)" VIEW_TRIALS_OF_SWEEP " WHERE s.id = ?1", err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        *ret = store_sql_get_u64(st, 0);
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static size_t table_find(void *arg, const char *name)
{
    const struct arrays *a = arg;
    const struct array *c = map_find(&a->names, name, strlen(name));
    for (size_t i = 0; c && i < a->n; i++)
        if (a->list[i] == c)
            return i;
    return SIZE_MAX;
}

static const struct value *table_cell(void *arg, size_t column, size_t row)
{
    const struct arrays *a = arg;
    const struct array *c = a->list[column];
    return row < c->cap ? c->cells[row] : NULL;
}

/* Leaves the rows that the filter wants. */
static void rows_keep(struct arrays *a, const struct filter *f, const struct filter_table *t)
{
    size_t n = 0;
    bool *wanted = arena_alloc(&a->arena, a->rows + 1);
    for (size_t row = 0; row < a->rows; row++)
        wanted[row] = filter_match(f, t, row);
    for (size_t row = 0; row < a->rows; row++) {
        if (!wanted[row])
            continue;
        for (size_t i = 0; i < a->n; i++)
            if (n < a->list[i]->cap)
                a->list[i]->cells[n] = row < a->list[i]->cap ? a->list[i]->cells[row] : NULL;
        a->ids[n++] = a->ids[row];
    }
    a->rows = n;
}

static int filter_fault(int rc, const struct err *why, struct err *err)
{
    return rc < 0 ? err_set(err, rc, "the filter is not understood: %s", why->text) : 0;
}

static int filter_read(const char *text, struct arena *a, struct filter **ret, struct err *err)
{
    struct err why = {0};
    return filter_fault(filter_parse(text, a, ret, &why), &why, err);
}

static int filter_use(struct filter *f, const struct filter_table *t, const char *metric,
                      struct err *err)
{
    struct err why = {0};
    return filter_fault(filter_bind(f, t, metric, &why), &why, err);
}

static int arrays_filter(struct arrays *a, struct filter *f, bool part, const char *metric,
                         struct err *err)
{
    struct filter_table t = {a, a->n, table_find, table_cell, part};
    int rc = filter_use(f, &t, metric, err);
    if (rc == 0)
        rows_keep(a, f, &t);
    return rc;
}

static void arrays_begin(struct arrays *a, const char *cols)
{
    *a = (struct arrays){.cols = cols};
    arena_init(&a->arena);
    map_init(&a->names);
}

static void arrays_end(struct arrays *a)
{
    for (size_t i = 0; i < a->n; i++)
        mem_free(a->list[i]->cells);
    mem_free(a->list);
    mem_free(a->ids);
    mem_free(a->states);
    map_done(&a->names);
    arena_done(&a->arena);
}

/* Reads the rows and their values at one moment. */
static int arrays_read(struct view *v, struct arrays *a, const char *sweep,
                       const struct view_arrays *q, int64_t *ret_seq, uint64_t *ret_of,
                       struct err *err)
{
    const char *metric = NULL;
    struct filter *filter = NULL;
    bool maximize;
    int rc = q->filter ? filter_read(q->filter, &a->arena, &filter, err) : 0;
    if (rc == 0)
        rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = store_schema_last_seq(v->db, ret_seq, err);
    if (rc >= 0 && filter)
        rc = view_row_metric(v, &a->arena, sweep, &metric, &maximize, err);
    if (rc >= 0 && ret_of)
        rc = arrays_count(v, sweep, ret_of, err);
    if (rc == 0)
        rc = rows_read(v, a, sweep, q, err);
    if (rc == 0)
        rc = metrics_read(v, a, sweep, q, err);
    if (rc == 0)
        rc = rungs_read(v, a, sweep, q, err);
    if (rc == 0 && q->reduce)
        rc = reduced_read(v, a, sweep, q->reduce, err);
    view_row_end(v);
    if (rc == 0 && a->cells >= VIEW_ARRAYS_CELLS_MAX)
        rc = err_set(err, ERR_LIMIT, "the sweep has too many values: name fewer columns (cols=)");
    if (rc == 0 && filter)
        rc = arrays_filter(a, filter, q->span != NULL, metric, err);
    return rc;
}

/* Of names: whether some trial has a column of this name. */
static size_t known_find(void *arg, const char *name)
{
    static const char *const kinds[] = {"params", "metrics"};
    for (size_t i = 0; i < 2; i++) {
        const struct value *names = value_get(arg, kinds[i]);
        size_t len = strlen(kinds[i]);
        bool is = strncmp(name, kinds[i], len) == 0 && name[len] == '.';
        for (size_t k = 0; is && k < names->list.n; k++)
            if (strcmp(names->list.items[k]->s.ptr, name + len + 1) == 0)
                return 0;
    }
    return strncmp(name, "rung.", strlen("rung.")) == 0 ? 0 : SIZE_MAX;
}

int view_arrays_check(struct view *v, struct arena *a, const char *sweep, const char *filter,
                      struct value **ret_known, struct err *err)
{
    struct filter *f = NULL;
    const char *metric = NULL;
    bool maximize;
    int rc = filter ? filter_read(filter, a, &f, err) : 0;
    if (rc == 0)
        rc = view_columns(v, a, sweep, ret_known, err);
    if (rc == 0 && f)
        rc = view_row_metric(v, a, sweep, &metric, &maximize, err);
    if (rc == 0 && f) {
        const struct filter_table t = {.arg = *ret_known, .find = known_find};
        rc = filter_use(f, &t, metric, err);
    }
    return rc;
}

int view_arrays_mark(struct view *v, const char *sweep, const char *filter,
                     const struct view_span *span, bool *wanted, struct err *err)
{
    int rc = 0;
    for (uint64_t first = span->first; rc == 0 && first <= span->last; first += ROWS_A_STEP) {
        struct view_span some = {first, first + ROWS_A_STEP - 1};
        struct view_arrays q = {.filter = filter, .span = &some};
        struct arrays a;
        int64_t seq = 0;
        some.last = some.last < span->last ? some.last : span->last;
        arrays_begin(&a, NULL);
        rc = arrays_read(v, &a, sweep, &q, &seq, NULL, err);
        for (size_t i = 0; rc == 0 && i < a.rows; i++)
            wanted[store_trial_number(a.ids[i]) - span->first] = true;
        arrays_end(&a);
    }
    return rc;
}

int view_arrays_write(struct view *v, const char *sweep, const struct view_arrays *q,
                      struct buf *out, struct err *err)
{
    struct arrays a;
    int64_t seq = 0;
    uint64_t of = 0;
    bool any = false;
    arrays_begin(&a, q->filter ? NULL : q->cols); /* a filter may need any of them */
    int rc = arrays_read(v, &a, sweep, q, &seq, &of, err);
    a.cols = q->cols;
    buf_addf(out, "{\"seq\":%lld,\"of\":%llu,\"n\":%zu,\"columns\":[", (long long)seq,
             (unsigned long long)of, a.rows);
    for (size_t i = 0; rc == 0 && i < a.n; i++) {
        if (!array_is_wanted(&a, a.list[i]->name))
            continue;
        buf_adds(out, any ? ",\n" : "");
        array_print(&a, a.list[i], out);
        any = true;
    }
    buf_adds(out, "]}\n");
    arrays_end(&a);
    return rc;
}
