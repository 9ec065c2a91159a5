/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The open database, for the files of orchestrator/runs/ alone. */
#include <sys/types.h>

#include "base/map.h"
#include "orchestrator/store/store_sql.h"

struct runs {
    sqlite3 *db;
    struct map statements; /* SQL -> sqlite3_stmt * */
    char *path;
    dev_t device; /* of the file that was opened */
    ino_t inode;
    bool reads; /* only */
};

/* A statement of this text, prepared once for each connection, with nothing bound. sql: a constant. */
NODISCARD int runs_sql_use(struct runs *r, const char *sql, sqlite3_stmt **ret, struct err *err);
/* Runs a statement without parameters and without rows. */
NODISCARD int runs_sql_do(struct runs *r, const char *sql, struct err *err);
/* Runs a statement with n as its only parameter; several, up to NULL. */
NODISCARD int runs_sql_run_with(struct runs *r, const char *sql, int64_t n, struct err *err);
NODISCARD int runs_sql_run_all(struct runs *r, const char *const *sqls, int64_t n, struct err *err);
/* Steps to the row that a statement is to find; ERR_NOT_FOUND with this text if there is none. */
NODISCARD int runs_sql_one(sqlite3_stmt *st, struct err *err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
void runs_sql_int(sqlite3_stmt *st, int at, int64_t n);
void runs_sql_bytes(sqlite3_stmt *st, int at, const char *text,
                    size_t len); /* as text; valid until it ran */
void runs_sql_blob(sqlite3_stmt *st, int at, const void *bytes, size_t len); /* as above */
int64_t runs_sql_get_int(sqlite3_stmt *st, int at);
const char *runs_sql_copy_text(struct arena *a, sqlite3_stmt *st,
                               int at);          /* NULL where it is NULL */
int64_t runs_sql_last_row(const struct runs *r); /* the number of the row that was inserted last */
