/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Opens an SQLite database of another program, which may be running, to read it. Leaves no file
 * beside it that was not there. */
#include <limits.h>
#include "orchestrator/store/store_sql.h"

struct store_borrow {
    sqlite3 *db;
    char folder[PATH_MAX]; /* of a copy; "" if there is none */
};

NODISCARD int store_borrow_open(struct store_borrow *b, const char *path, struct err *err);
/* After all of its statements are finalized. Also after a failed open. */
void store_borrow_close(struct store_borrow *b);
