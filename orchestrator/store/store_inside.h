/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Shared by the files of the store, and private to them. One connection does all writing and all
 * checkpoints; the loop and the writing thread share no data; `failed` is final: nothing may be
 * acknowledged after a failed write. */
#include <sys/types.h>
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "orchestrator/store/chunk.h"
#include "orchestrator/store/store_batch.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_row.h"
#include "orchestrator/store/store_sql.h"
#include "sweep/trust/credential.h"

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
    bool rows_only; /* keeps no facts and no chunks, only the rows derived from them */
    /* of the thread that writes, once there is one */
    sqlite3 *db;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    struct store_lock lock;
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
        uint64_t row, number; /* up to which attempts from before the opening were searched */
        bool found_all;
        uint64_t sweep; /* that was last checked for the order of its chunks */
        bool ordered;   /* the answer */
        struct chunk_codec *codec;
        struct arena scratch;
        struct buf blob;
    } fold;
    /* of the loop */
    struct store_batch *batch; /* that is being filled; NULL where nothing was added */
    int append_failed;
    uint64_t seq;      /* of the last fact or chunk */
    uint64_t sweeps_n; /* row of the newest sweep */
    struct map sweeps; /* id -> struct store_sweep *, those used so far */
    struct store_touch *touched;
    size_t touched_n, touched_cap;
    char (*tokens)[CREDENTIAL_ID_CHARS + 1]; /* ids of the credentials that the batch changes */
    size_t tokens_n, tokens_cap;
    struct chunk_codec *codec;
    struct arena scratch;
    struct buf text, blob;
};

enum { STORE_PAGE_BYTES = 4096 };

/* The statement, prepared once, with nothing bound. */
int store_use(struct store *s, enum store_statement which, sqlite3_stmt **ret, struct err *err);
/* Runs a statement that has no values and gives no row. */
NODISCARD int store_run(struct store *s, enum store_statement which, struct err *err);
NODISCARD int store_begin(struct store *s, struct err *err); /* a transaction */
NODISCARD int store_end(struct store *s, struct err *err);   /* makes it durable */
/* Whether the store's file is still the one that was opened. */
NODISCARD int store_write_check_file(const struct store *s, struct err *err);
/* Records the failure, which is final; returns its code. */
int store_fail(struct store *s, struct err *err);
int store_refuse(const struct store *s, struct err *err); /* 0, or the earlier failure */
/* The row of a sweep, cached. For the loop. */
struct store_sweep *store_sweep_put(struct store *s, const char *id, uint64_t n);
