/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_sql.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>

#include "base/check.h"
#include "orchestrator/store/store_batch.h"

static int code_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_DAMAGED;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return ERR_PERMISSION;
    default:
        return ERR_IO;
    }
}

int store_sql_error(sqlite3 *db, int rc, struct err *err)
{
    int errnum = db ? sqlite3_system_errno(db) : 0;
    const char *text = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    bool system = (rc & 0xff) == SQLITE_IOERR || (rc & 0xff) == SQLITE_CANTOPEN;
    struct rlimit limit;
    if (system && (errnum == 0 || errnum == EFBIG) && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
        limit.rlim_cur != RLIM_INFINITY)
        return err_set(err, ERR_FULL,
                       "%s: files are limited to %llu KiB here (ulimit -f); raise that limit", text,
                       (unsigned long long)limit.rlim_cur / 1024);
    if (system && errnum)
        return err_set(err, code_of(rc), "%s: %s", text, strerror(errnum));
    return err_set(err, code_of(rc), "%s", text);
}

int store_sql_exec(sqlite3 *db, const char *sql, struct err *err)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_sql_error(db, rc, err);
}

int store_sql_use(sqlite3 *db, sqlite3_stmt **slot, const char *sql, struct err *err)
{
    if (*slot) {
        sqlite3_reset(*slot);
        sqlite3_clear_bindings(*slot);
        return 0;
    }
    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return rc == SQLITE_OK ? 0 : store_sql_error(db, rc, err);
}

int store_sql_step(sqlite3_stmt *st, struct err *err)
{
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        store_sql_error(sqlite3_db_handle(st), rc, err);
    sqlite3_reset(st);
    return rc == SQLITE_DONE ? 0 : code_of(rc);
}

int store_sql_run(sqlite3_stmt *st, struct err *err)
{
    int rc = store_sql_step(st, err);
    check(rc <= 0);
    return rc;
}

void store_sql_text(sqlite3_stmt *st, int at, const char *s)
{
    check(sqlite3_bind_text(st, at, s, -1, SQLITE_STATIC) == SQLITE_OK);
}

void store_sql_u64(sqlite3_stmt *st, int at, uint64_t n)
{
    check(sqlite3_bind_int64(st, at, (int64_t)n) == SQLITE_OK);
}

void store_sql_number(sqlite3_stmt *st, int at, double f)
{
    if (isnan(f))
        store_sql_text(st, at, "NaN");
    else
        check(sqlite3_bind_double(st, at, f) == SQLITE_OK);
}

void store_sql_value(sqlite3_stmt *st, int at, const struct store_value *v)
{
    int rc = SQLITE_OK;
    switch (v->kind) {
    case STORE_NULL:
        break;
    case STORE_INT:
        rc = sqlite3_bind_int64(st, at, v->i);
        break;
    case STORE_REAL:
        rc = sqlite3_bind_double(st, at, v->f);
        break;
    case STORE_TEXT:
        rc = sqlite3_bind_text64(st, at, v->bytes.data, v->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
        break;
    case STORE_BLOB:
        rc = sqlite3_bind_blob64(st, at, v->bytes.data, v->bytes.len, SQLITE_STATIC);
        break;
    }
    check(rc == SQLITE_OK);
}

const char *store_sql_get_text(sqlite3_stmt *st, int at)
{
    const char *s = store_sql_get_text_or_null(st, at);
    return s ? s : "";
}

const char *store_sql_get_text_or_null(sqlite3_stmt *st, int at)
{
    return (const char *)sqlite3_column_text(st, at);
}

uint64_t store_sql_get_u64(sqlite3_stmt *st, int at)
{
    return (uint64_t)sqlite3_column_int64(st, at);
}

double store_sql_get_number(sqlite3_stmt *st, int at)
{
    return sqlite3_column_type(st, at) == SQLITE_TEXT ? NAN : sqlite3_column_double(st, at);
}

bool store_sql_is_null(sqlite3_stmt *st, int at)
{
    return sqlite3_column_type(st, at) == SQLITE_NULL;
}
