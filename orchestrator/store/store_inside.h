/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the files of the store share, and nobody else may look at. One connection does all writing
 * and all checkpoints; what is the loop's and what is the writing thread's do not touch; `failed` is for good: nothing may be acknowledged after a write that failed.
 */
#include <sys/types.h>
#include "base/buf.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_batch.h"
#include "orchestrator/store/store_sql.h"

struct store_sweep {
    uint64_t n;   /* its row */
    bool touched; /* by a fact of the batch that is being filled */
    char id[16];
};

struct store_touch {
    uint64_t row; /* of the trial */
    struct store_sweep *sweep;
    uint64_t number;
};

struct store {
    char *dir, *path; /* path of the file */
    char id[33];
    uint64_t epoch;
    bool rows_only; /* keeps no facts and no chunks, only what follows from them */
    /* of the thread that writes, once there is one */
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    int lock;
    dev_t device;
    ino_t inode;
    bool begun;
    int failed; /* 0, or the ERR_* of the first failure */
    char why[ERR_TEXT_BYTES];
    int wal_pages, wal_mark; /* in the log; at the last checkpoint */
    int64_t log_bytes;       /* its length is this, unless SQLite made it longer or shorter */
    struct {
        struct store_attempt *due;
        size_t due_n, due_cap;
        struct map growing;   /* row -> struct store_attempt *: attempts under way */
        uint64_t row, number; /* up to which attempts of before the opening were looked for */
        bool found_all;
        struct chunk_codec *codec;
        struct arena scratch;
        struct buf blob;
    } fold;
    /* of the loop */
    struct store_batch *batch; /* that is being filled; NULL where nothing was added */
    int append_failed;
    uint64_t seq;      /* of the last fact or chunk */
    uint64_t sweeps_n; /* row of the newest sweep */
    struct map sweeps; /* id -> struct store_sweep *, those that were met */
    struct store_touch *touched;
    size_t touched_n, touched_cap;
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
/* store_append.c: the sweep's row, remembered. */
struct store_sweep *store_append_sweep(struct store *s, const char *id, uint64_t n);
/* store_rows.c: adds to the batch the rows of all that its facts touched. */
void store_rows_add(struct store *s, const struct books *b);
/* store_log.c: sees to it that the commits to come do not make the log longer. */
void store_log_extend(struct store *s);
/* store_fold.c: an attempt got a chunk, or has ended. */
void store_fold_note(struct store *s, const struct store_attempt *grown);
void store_fold_init(struct store *s);
void store_fold_done(struct store *s);
/* One step; 1 if there is more. */
NODISCARD int store_fold_step(struct store *s, struct err *err);
