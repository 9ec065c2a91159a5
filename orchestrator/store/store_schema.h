/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The tables of a store and the version of them. docs/STORE.md says what is in them and how to
 * change them. */
#include "orchestrator/store/store_sql.h"

enum { STORE_APPLICATION_ID = 0x62657365, STORE_VERSION = 7 };

/* Attempts that lost some of their metrics; there is an index of them. */
#define STORE_LOSSY "bad_lines + dropped_values + long_lines + stdout_dropped + rewrites > 0"

/* Trials that somebody enqueued (strategies/strategy_type.h); there is an index of them. */
#define STORE_ENQUEUED_CURSOR "2305843009213693952"
#define STORE_ENQUEUED "cursor = " STORE_ENQUEUED_CURSOR

/* Facts that `explain` tells of; there is an index of them. */
#define STORE_TOLD                                                                              \
    "kind IN ('sweep_created', 'sweep_state', 'sweep_edited', 'proposed', 'stopping', 'ended'," \
    " 'trial_state', 'retried', 'reinstated', 'tagged')"

/* The tags of the sweep itself are those of this number, which no trial has: STORE_TAG_NUMBER in SQL. */
#define STORE_TAG_SWEEP "((1 << 40) - 1)"

enum { STORE_ID_BYTES = 33 };
NODISCARD int store_schema_new_id(char id[STORE_ID_BYTES], struct err *err);
/* Whether db is a store that this program can use: ERR_NOT_FOUND if it is empty, ERR_DAMAGED if it
 * is something else, ERR_UNSUPPORTED if its version differs. */
NODISCARD int store_schema_verify(sqlite3 *db, struct err *err);
/* Makes the tables in an empty file, in one transaction. id is 32 hex digits. */
NODISCARD int store_schema_create(sqlite3 *db, const char *id, struct err *err);
/* The first column of the first row of a query as a number; 0 where it is NULL. */
NODISCARD int store_schema_number(sqlite3 *db, const char *sql, int64_t *ret, struct err *err);
/* The highest number that a sweep has, or had before it was removed. */
NODISCARD int store_schema_last_sweep(sqlite3 *db, int64_t *ret, struct err *err);
/* The number of the last fact, metrics among them. */
NODISCARD int store_schema_last_seq(sqlite3 *db, int64_t *ret, struct err *err);
/* Whether a sweep with this id was removed. False where that cannot be told. */
bool store_schema_was_removed(sqlite3 *db, const char *id);
