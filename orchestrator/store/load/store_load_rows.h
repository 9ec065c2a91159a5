/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the rows of open trials into books: their attempts, metrics and rungs. Checks whatever the
 * core assumes, so that a damaged store cannot crash the process. */
#include "orchestrator/core/books.h"
#include "orchestrator/store/store_sql.h"

struct store_load_rows {
    struct arena *scratch;
    sqlite3 *db;
    sqlite3_stmt *trials, *asides, *metrics; /* until store_load_rows_done() */
};

/* Adds the open trials of the sweep, whose number is n. ERR_DAMAGED where a row is malformed. */
NODISCARD int store_load_rows_trials(struct store_load_rows *l, struct book_sweep *b, uint64_t n,
                                     struct err *err);
/* Loads one trial, in any state; the caller owns it. */
NODISCARD int store_load_rows_trial(struct store_load_rows *l, uint64_t row,
                                    struct book_trial **ret, struct err *err);
void store_load_rows_done(struct store_load_rows *l);

int store_load_rows_damaged(struct err *err, const char *what, const char *of);
/* The text of a column, which the caller owns; NULL where it is NULL. */
char *store_load_rows_text(sqlite3_stmt *st, int at);
/* False where the column names no reason; NULL is REASON_NONE. */
bool store_load_rows_reason(sqlite3_stmt *st, int at, enum trial_reason *ret);
