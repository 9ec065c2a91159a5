/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The tables of runs.db and the version of them. docs/STORE.md describes them. */
#include "orchestrator/store/store_sql.h"

enum { RUNS_APPLICATION_ID = 0x62657372, RUNS_VERSION = 2 };

/* Makes the tables in an empty file, in one transaction. */
NODISCARD int runs_schema_create(sqlite3 *db, struct err *err);
/* Whether db is a file of ours with this version: ERR_NOT_FOUND if it is empty, ERR_DAMAGED if it is
 * something else, ERR_UNSUPPORTED if its version differs. */
NODISCARD int runs_schema_verify(sqlite3 *db, struct err *err);
