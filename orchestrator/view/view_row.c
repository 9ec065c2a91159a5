/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_row.h"

#include <string.h>

#include "base/json.h"
#include "language/spec_read.h"

int view_row_begin(struct view *v, struct err *err)
{
    return store_sql_exec(v->db, "BEGIN", err);
}

void view_row_end(struct view *v)
{
    sqlite3_exec(v->db, "COMMIT", NULL, NULL, NULL);
}

struct value *view_row_text(struct arena *a, sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? value_str(a, text) : value_null(a);
}

struct value *view_row_int(struct arena *a, sqlite3_stmt *st, int at)
{
    return store_sql_is_null(st, at) ? value_null(a) : value_int(a, sqlite3_column_int64(st, at));
}

struct value *view_row_time(struct arena *a, sqlite3_stmt *st, int at)
{
    if (store_sql_is_null(st, at))
        return value_null(a);
    return value_float(a, (double)sqlite3_column_int64(st, at) / 1000);
}

struct value *view_row_json(struct arena *a, sqlite3_stmt *st, int at)
{
    struct value *v;
    const char *text = store_sql_get_text_or_null(st, at);
    if (!text || json_parse(a, text, strlen(text), &v, NULL) < 0)
        return value_null(a);
    return v;
}

int view_row_remote_count(struct view *v, const char *sweep, const char *part, uint64_t *ret,
                          struct err *err)
{
    struct value *n = NULL;
    struct arena a;
    arena_init(&a);
    const char *path = arena_printf(&a, "sweeps/%s/%s", sweep, part);
    int rc = v->remote->get(v->remote, &a, path, &n, err);
    if (rc == 0 && (!n || n->kind != VALUE_INT || n->i < 0))
        rc = err_set(err, ERR_PROTOCOL, "the controller sent an invalid count");
    if (rc == 0)
        *ret = (uint64_t)n->i;
    arena_done(&a);
    return rc;
}

int view_row_spec(struct view *v, struct arena *a, const char *sweep, struct spec **ret,
                  const char **ret_fault, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(
        v->db, &st, "SELECT content FROM sweep JOIN spec ON spec.sweep = sweep.n WHERE id = ?1",
        err);
    *ret = NULL;
    *ret_fault = NULL;
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        *ret = spec_read_stored(view_row_json(a, st, 0), a, ret_fault);
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_row_metric(struct view *v, struct arena *a, const char *sweep, const char **ret,
                    bool *ret_maximize, struct err *err)
{
    struct spec *spec;
    const char *fault;
    int rc = view_row_spec(v, a, sweep, &spec, &fault, err);
    *ret = spec && spec->metric.name ? arena_strdup(a, spec->metric.name) : NULL;
    *ret_maximize = spec && spec->metric.maximize;
    spec_free(spec);
    return rc;
}
