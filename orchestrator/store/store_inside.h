/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the files of the store share, and nobody else may look at. One connection does all writing
 * and all checkpoints; `failed` is for good: nothing may be acknowledged after a write that failed.
 */
#include <sys/types.h>
#include "base/buf.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_sql.h"

enum store_statement {
    STORE_ADD_FACT,
    STORE_ADD_CHUNK,
    STORE_ADD_SWEEP,
    STORE_FIND_SWEEP,
    STORE_PUT_SWEEP,
    STORE_PUT_TRIAL,
    STORE_PUT_ATTEMPT,
    STORE_PUT_RUNG,
    STORE_FOLD_ORDERED,
    STORE_FOLD_READ,
    STORE_FOLD_DROP,
    STORE_FOLD_PUT,
    STORE_STATEMENTS
};

struct store_sweep {
    uint64_t n;   /* its row */
    bool touched; /* by a fact of the open transaction */
    char id[16];
};

struct store_touch {
    uint64_t row; /* of the trial */
    struct store_sweep *sweep;
    uint64_t number;
};

struct store_attempt { /* whose chunks are to be folded */
    uint64_t row;
    uint32_t number;
    uint64_t after; /* chunks up to this seq are done */
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    char *dir, *path; /* path of the file */
    int lock;
    dev_t device;
    ino_t inode;
    char id[33];
    uint64_t epoch;
    uint64_t seq;      /* of the last fact or chunk */
    uint64_t sweeps_n; /* row of the newest sweep */
    bool begun;
    bool rows_only; /* keeps no facts and no chunks, only what follows from them */
    int failed;     /* 0, or the ERR_* of the first failure */
    char why[ERR_TEXT_BYTES];
    int wal_pages, wal_mark; /* in the log; at the last checkpoint */
    int64_t log_bytes;       /* its length is this, unless SQLite made it longer or shorter */
    struct map sweeps;       /* id -> struct store_sweep *, those that were met */
    struct store_touch *touched;
    size_t touched_n, touched_cap;
    struct store_attempt *ended;
    size_t ended_n, ended_cap;
    struct chunk_codec *codec;
    struct arena scratch;
    struct buf text, blob;
};

/* A trial's row holds its place: the trials of a sweep lie side by side and need no second index.
 */
enum { STORE_NUMBER_BITS = 40, STORE_PAGE_BYTES = 4096 };
static inline uint64_t store_trial_row(uint64_t sweep_n, uint64_t number)
{
    return sweep_n << STORE_NUMBER_BITS | number;
}

int store_use(struct store *s, enum store_statement which, sqlite3_stmt **ret, struct err *err);
/* Remembers the failure for good; returns its code. */
int store_fail(struct store *s, struct err *err);
int store_refuse(const struct store *s, struct err *err); /* 0, or the failure that was before */

/* A store in a file without a name that keeps rows alone: what `besom check` compares with. */
NODISCARD int store_open_rows(struct store **ret, struct err *err);
/* store_rows.c: writes the rows of all that the open transaction touched. */
NODISCARD int store_rows_write(struct store *s, const struct books *b, struct err *err);
/* store_log.c: sees to it that the commits to come do not make the log longer. */
void store_log_extend(struct store *s);
/* store_fold.c: one step; 1 if there is more. */
NODISCARD int store_fold_step(struct store *s, struct err *err);
