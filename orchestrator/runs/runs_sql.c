/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"

int runs_sql_use(struct runs *r, const char *sql, sqlite3_stmt **ret, struct err *err)
{
    *ret = map_find(&r->statements, sql, strlen(sql));
    bool known = *ret != NULL;
    int rc = store_sql_use(r->db, ret, sql, err);
    if (rc == 0 && !known)
        map_put(&r->statements, sql, strlen(sql), *ret);
    return rc;
}

int runs_sql_do(struct runs *r, const char *sql, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, sql, &st, err);
    return rc ? rc : store_sql_run(st, err);
}

int runs_sql_one(sqlite3_stmt *st, struct err *err, const char *fmt, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;
    int rc = store_sql_step(st, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return err_set(err, ERR_NOT_FOUND, "%s", text);
}

void runs_sql_int(sqlite3_stmt *st, int at, int64_t n)
{
    check(sqlite3_bind_int64(st, at, n) == SQLITE_OK);
}

void runs_sql_bytes(sqlite3_stmt *st, int at, const char *text, size_t len)
{
    check(sqlite3_bind_text64(st, at, text, len, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
}

void runs_sql_blob(sqlite3_stmt *st, int at, const void *bytes, size_t len)
{
    check(sqlite3_bind_blob64(st, at, bytes, len, SQLITE_STATIC) == SQLITE_OK);
}

int64_t runs_sql_get_int(sqlite3_stmt *st, int at)
{
    return sqlite3_column_int64(st, at);
}

int64_t runs_sql_last_row(const struct runs *r)
{
    return sqlite3_last_insert_rowid(r->db);
}

const char *runs_sql_copy_text(struct arena *a, sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? arena_strdup(a, text) : NULL;
}

int runs_sql_run_with(struct runs *r, const char *sql, int64_t n, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, sql, &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return store_sql_run(st, err);
}

int runs_sql_run_all(struct runs *r, const char *const *sqls, int64_t n, struct err *err)
{
    int rc = 0;
    for (; *sqls && rc == 0; sqls++)
        rc = runs_sql_run_with(r, *sqls, n, err);
    return rc;
}
