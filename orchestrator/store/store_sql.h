/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A small interface to SQLite: statements that are prepared once and kept, and its errors as
 * besom's. The tables are in store_schema. */
#include <sqlite3.h>
#include "base/err.h"
#include "base/value.h"

/* An error with what failed and why, for a person; rc is SQLite's code. */
int store_sql_error(sqlite3 *db, int rc, struct err *err);
/* Runs statements without rows and without parameters. */
NODISCARD int store_sql_exec(sqlite3 *db, const char *sql, struct err *err);
/* A statement kept in *slot: prepared at the first call, reset and without bindings at each. */
NODISCARD int store_sql_use(sqlite3 *db, sqlite3_stmt **slot, const char *sql, struct err *err);
/* Steps to the next row: 1 where there is one, 0 at the end (the statement is reset then). */
NODISCARD int store_sql_step(sqlite3_stmt *st, struct err *err);
/* Steps a statement that gives no row. */
NODISCARD int store_sql_run(sqlite3_stmt *st, struct err *err);

/* Bind a parameter, by its number from 1. Text must be valid until the statement has run; NULL is
 * NULL. */
void store_sql_text(sqlite3_stmt *st, int at, const char *s);
void store_sql_u64(sqlite3_stmt *st, int at, uint64_t n); /* kept as the int64 of the same bits */
/* An objective: NaN, which SQLite would make NULL, is kept as its name. */
void store_sql_number(sqlite3_stmt *st, int at, double f);

struct store_value;
void store_sql_value(sqlite3_stmt *st, int at, const struct store_value *v);

/* A column, by its number from 0. "" if it is NULL. */
const char *store_sql_get_text(sqlite3_stmt *st, int at);
const char *store_sql_get_text_or_null(sqlite3_stmt *st, int at);
uint64_t store_sql_get_u64(sqlite3_stmt *st, int at);
double store_sql_get_number(sqlite3_stmt *st, int at);
bool store_sql_is_null(sqlite3_stmt *st, int at);
