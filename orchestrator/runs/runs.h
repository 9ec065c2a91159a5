/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What scripts record of their runs: projects, runs, their configurations, summaries, rows and logs, in
 * the database runs.db beside the store. They are documents, not decisions: nothing in the store
 * depends on them. One process writes, the one that holds the store's lock; others read beside it. All
 * functions block, and a connection belongs to one thread at a time. Knows no HTTP. */
#include <stdbool.h>
#include "base/err.h"

struct runs;

/* Opens DIR/runs.db, and creates it if it is missing. The caller holds the store's lock. */
NODISCARD int runs_open(const char *dir, struct runs **ret, struct err *err);
/* Opens it for reading beside its writer. ERR_NOT_FOUND: there is none. */
NODISCARD int runs_open_to_read(const char *dir, struct runs **ret, struct err *err);
bool runs_is_there(const char *dir);
/* A transaction. After a failure of runs_commit, or of runs_write_end, nothing of it is stored; then close. */
NODISCARD int runs_begin(struct runs *r, struct err *err);
NODISCARD int runs_commit(struct runs *r, struct err *err);
/* One change in it, undone as a whole if it fails (`good` is false). */
NODISCARD int runs_write_begin(struct runs *r, struct err *err);
NODISCARD int runs_write_end(struct runs *r, bool good, struct err *err);
/* After a failed write, nothing more is written to the file: the next opening recovers. Takes NULL. */
void runs_close(struct runs *r, bool failed);
