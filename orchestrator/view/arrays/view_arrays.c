/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/arrays/view_arrays.h"

#include <string.h>

#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/arrays/arrays_read.h"
#include "orchestrator/view/filter/filter.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

enum { ROWS_A_STEP = 2000 };

struct view_filter {
    struct filter *filter;
    const char *metric; /* the sweep's; NULL: it has none */
};

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
    return arrays_find(arg, name);
}

static const struct value *table_cell(void *arg, size_t column, size_t row)
{
    const struct arrays *a = arg;
    return arrays_cell(a->list[column], row);
}

static int filter_fault(int rc, const struct err *why, struct err *err)
{
    return rc < 0 ? err_set(err, rc, "the filter is not understood: %s", why->text) : 0;
}

static int filter_use(const struct view_filter *f, const struct filter_table *t, struct err *err)
{
    struct err why = {0};
    return filter_fault(filter_bind(f->filter, t, f->metric, &why), &why, err);
}

static int filter_read(struct view *v, struct arena *a, const char *sweep, const char *text,
                       struct view_filter **ret, struct err *err)
{
    struct err why = {0};
    bool maximize;
    *ret = NULL;
    if (!text)
        return 0;
    struct view_filter *f = *ret = arena_alloc(a, sizeof *f);
    int rc = filter_fault(filter_parse(text, a, &f->filter, &why), &why, err);
    return rc ? rc : view_row_metric(v, a, sweep, &f->metric, &maximize, err);
}

/* As the find of a table: notes the name. */
static size_t filter_note(void *arg, const char *name)
{
    arrays_want(arg, name);
    return SIZE_MAX;
}

/* The columns that the filter needs, beside those to show. */
static int filter_want(const struct view_filter *f, struct arrays *a, struct err *err)
{
    const struct filter_table notes = {.arg = a, .find = filter_note, .part = true};
    if (filter_searches(f->filter))
        arrays_want_all(a);
    return filter_use(f, &notes, err);
}

/* Leaves the rows that the filter wants. */
static int filter_apply(const struct view_filter *f, struct arrays *a, bool part, struct err *err)
{
    struct filter_table t = {a, a->n, table_find, table_cell, part};
    int rc = filter_use(f, &t, err);
    if (rc != 0)
        return rc;
    bool *wanted = arena_alloc(&a->arena, a->rows + 1);
    for (size_t row = 0; row < a->rows; row++)
        wanted[row] = filter_match(f->filter, &t, row);
    arrays_keep(a, wanted);
    return 0;
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
                      struct view_filter **ret, struct value **ret_known, struct err *err)
{
    int rc = filter_read(v, a, sweep, filter, ret, err);
    if (rc == 0)
        rc = view_columns(v, a, sweep, ret_known, err);
    if (rc != 0 || !*ret)
        return rc;
    const struct filter_table t = {.arg = *ret_known, .find = known_find};
    return filter_use(*ret, &t, err);
}

static int span_mark(struct view *v, const char *sweep, const struct view_filter *f,
                     const struct view_span *span, bool *wanted, struct err *err)
{
    const struct view_arrays q = {.span = span};
    struct arrays a;
    arrays_init(&a, "number");
    int rc = filter_want(f, &a, err);
    if (rc == 0)
        rc = view_row_begin(v, err);
    if (rc == 0) {
        rc = arrays_read(v, &a, sweep, &q, err);
        view_row_end(v);
    }
    if (rc == 0)
        rc = filter_apply(f, &a, true, err);
    for (size_t i = 0; rc == 0 && i < a.rows; i++)
        wanted[store_trial_number(a.ids[i]) - span->first] = true;
    arrays_done(&a);
    return rc;
}

int view_arrays_mark(struct view *v, const char *sweep, struct view_filter *filter,
                     const struct view_span *span, bool *wanted, struct err *err)
{
    int rc = 0;
    for (uint64_t first = span->first; rc == 0 && first <= span->last; first += ROWS_A_STEP) {
        struct view_span some = {first, first + ROWS_A_STEP - 1};
        some.last = some.last < span->last ? some.last : span->last;
        rc = span_mark(v, sweep, filter, &some, wanted + (first - span->first), err);
    }
    return rc;
}

/* Reads the rows and their values at one moment. */
static int write_read(struct view *v, struct arrays *a, const char *sweep,
                      const struct view_arrays *q, int64_t *ret_seq, uint64_t *ret_of,
                      struct err *err)
{
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = store_schema_last_seq(v->db, ret_seq, err);
    if (rc >= 0)
        rc = arrays_count(v, sweep, ret_of, err);
    if (rc == 0)
        rc = arrays_read(v, a, sweep, q, err);
    view_row_end(v);
    return rc;
}

int view_arrays_write(struct view *v, const char *sweep, const struct view_arrays *q,
                      struct buf *out, struct err *err)
{
    struct arrays a;
    struct view_filter *filter;
    int64_t seq = 0;
    uint64_t of = 0;
    arrays_init(&a, q->cols);
    int rc = filter_read(v, &a.arena, sweep, q->filter, &filter, err);
    if (rc == 0 && filter)
        rc = filter_want(filter, &a, err);
    if (rc == 0)
        rc = write_read(v, &a, sweep, q, &seq, &of, err);
    if (rc == 0 && filter)
        rc = filter_apply(filter, &a, q->span != NULL, err);
    buf_addf(out, "{\"seq\":%lld,\"of\":%llu,\"n\":%zu,\"columns\":[", (long long)seq,
             (unsigned long long)of, a.rows);
    if (rc == 0)
        arrays_print(&a, out);
    buf_adds(out, "]}\n");
    arrays_done(&a);
    return rc;
}
