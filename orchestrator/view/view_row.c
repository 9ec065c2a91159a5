/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_row.h"

#include <string.h>

#include "base/json.h"

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
