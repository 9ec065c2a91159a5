/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_fold.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/store/store_sync.h"

const char *store_id(const struct store *s)
{
    return s->id;
}

uint64_t store_epoch(const struct store *s)
{
    return s->epoch;
}

/* Requires WAL: a failure to set it would otherwise only show later. */
static int connection_set_up(sqlite3 *db, const char *path, struct err *err)
{
    sqlite3_stmt *st = NULL;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(db, 2000);
    int rc = store_sql_use(db, &st, "PRAGMA journal_mode=WAL", err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        rc = strcmp(store_sql_get_text(st, 0), "wal") == 0
                 ? 0
                 : err_set(err, ERR_IO, "SQLite cannot keep a log beside %s on this file system",
                           path);
    sqlite3_finalize(st);
    if (rc < 0)
        return rc;
    return store_sql_exec(db,
                          "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                          "PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;"
                          "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON",
                          err);
}

static int connection_open(const char *path, int flags, sqlite3 **ret, struct err *err)
{
    int rc = sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | flags, NULL);
    return rc == SQLITE_OK ? connection_set_up(*ret, path, err) : store_sql_error(*ret, rc, err);
}

static int tables_create(sqlite3 *db, struct err *err)
{
    char id[STORE_ID_BYTES];
    int rc = store_schema_new_id(id, err);
    return rc < 0 ? rc : store_schema_create(db, id, err);
}

/* Closing empties the log into the file and removes it. */
static int file_make(const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    int rc = connection_open(path, SQLITE_OPEN_CREATE, &db, err);
    if (rc == 0)
        rc = tables_create(db, err);
    int busy = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc == 0 && busy != SQLITE_OK)
        rc = store_sql_error(db, busy, err);
    sqlite3_close(db);
    return rc;
}

/* A new store gets its name only when it is complete: even after a crash, readers find no store or
 * a good one. */
static int file_create(const struct store *s, struct err *err)
{
    static const char *const rests[] = {"", "-journal", "-wal", "-shm"};
    size_t len = strlen(s->path) + sizeof ".new-journal";
    char *path = mem_alloc(len);
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        snprintf(path, len, "%s.new%s", s->path, rests[i]);
        unlink(path);
    }
    snprintf(path, len, "%s.new", s->path);
    int rc = file_make(path, err);
    if (rc == 0 && rename(path, s->path) < 0)
        rc = err_set(err, ERR_IO, "cannot rename it: %s", strerror(errno));
    mem_free(path);
    return rc < 0 ? rc : store_sync(s->dir, err);
}

static int read_meta(struct store *s, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int64_t epoch = 0, seq = 0, sweeps = 0;
    int rc;
    if ((rc = store_sql_exec(s->db, "UPDATE meta SET value=value+1 WHERE key='epoch'", err)) < 0 ||
        (rc = store_schema_number(s->db, "SELECT value FROM meta WHERE key='epoch'", &epoch, err)) <
            0 ||
        (rc = store_schema_last_seq(s->db, &seq, err)) < 0 ||
        (rc = store_schema_last_sweep(s->db, &sweeps, err)) < 0)
        return rc;
    s->epoch = (uint64_t)epoch;
    s->seq = (uint64_t)seq;
    s->sweeps_n = (uint64_t)sweeps;
    rc = store_sql_use(s->db, &st, "SELECT value FROM meta WHERE key='id'", err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        snprintf(s->id, sizeof s->id, "%s", store_sql_get_text(st, 0));
    sqlite3_finalize(st);
    if (rc >= 0 && strlen(s->id) != 32)
        rc = err_set(err, ERR_DAMAGED, "it has no id");
    return rc < 0 ? rc : 0;
}

static int count_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *s = arg;
    (void)db, (void)name;
    s->wal_pages = pages;
    return SQLITE_OK;
}

static char *path_join(const char *dir, const char *name)
{
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/%s", dir, name);
    return path;
}

/* SQLite would apply the log of a lost database to a new one. */
static int log_refuse(const struct store *s, struct err *err)
{
    char *path = path_join(s->dir, "besom.db-wal");
    struct stat st;
    int rc = stat(path, &st) == 0 && st.st_size > 0
                 ? err_set(err, ERR_DAMAGED,
                           "it is missing or empty, and the end of its log is in %s: put it back, "
                           "or move that file away to begin a new store",
                           path)
                 : 0;
    mem_free(path);
    return rc;
}

static int open_file(struct store *s, bool create, struct err *err)
{
    struct stat st;
    int rc = 0;
    bool is_new = stat(s->path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
    if (is_new && (rc = log_refuse(s, err)) < 0)
        return rc;
    if (is_new && !create)
        return err_set(err, ERR_NOT_FOUND, "there is no store in %s", s->dir);
    if (is_new && (rc = file_create(s, err)) < 0)
        return rc;
    if ((rc = connection_open(s->path, 0, &s->db, err)) < 0 ||
        (rc = store_schema_verify(s->db, err)) < 0 || (rc = read_meta(s, err)) < 0)
        return rc;
    sqlite3_wal_hook(s->db, count_pages, s);
    if (stat(s->path, &st) < 0)
        return err_set(err, ERR_IO, "cannot inspect it: %s", strerror(errno));
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return 0;
}

static struct store *new_store(void)
{
    struct store *s = mem_alloc(sizeof *s);
    s->lock = (struct store_lock){-1, -1};
    s->codec = chunk_codec_new();
    store_fold_init(s);
    map_init(&s->sweeps);
    buf_init(&s->text, SIZE_MAX);
    buf_init(&s->blob, SIZE_MAX);
    return s;
}

int store_open(const char *dir, bool create, struct store **ret, struct err *err)
{
    int rc;
    if ((rc = store_lock_folder(dir, create, err)) < 0 ||
        (rc = store_lock_check_disk(dir, err)) < 0)
        return rc;
    struct store *s = new_store();
    s->dir = mem_strdup(dir);
    s->path = path_join(dir, "besom.db");
    rc = store_lock_take(dir, &s->lock, err);
    if (rc == 0)
        rc = store_lock_check_files(dir, err);
    if (rc == 0 && (rc = open_file(s, create, err)) < 0)
        err_wrap(err, "the store %s cannot be opened", s->path);
    if (rc < 0) {
        s->failed = rc;
        store_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void store_stay(struct store *s)
{
    store_lock_note_stay(&s->lock);
}

int store_open_rows(struct store **ret, struct err *err)
{
    struct store *s = new_store();
    s->rows_only = true;
    s->path = mem_strdup("(temporary)");
    int rc = sqlite3_open_v2("", &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rc = rc == SQLITE_OK ? store_schema_create(s->db, "", err) : store_sql_error(s->db, rc, err);
    if (rc < 0)
        store_close(s);
    else
        *ret = s;
    return rc;
}

/* After a failure nothing more may be written, so closing must not checkpoint. */
void store_close(struct store *s)
{
    if (!s)
        return;
    for (int i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    if (s->db && (s->failed || s->begun))
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    else if (s->db)
        sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close(s->db);
    store_lock_give_back(&s->lock);
    void *sweep;
    for (size_t at = 0; map_next(&s->sweeps, &at, &sweep);)
        mem_free(sweep);
    map_done(&s->sweeps);
    store_batch_free(s->batch);
    store_fold_done(s);
    chunk_codec_free(s->codec);
    arena_done(&s->scratch);
    buf_done(&s->text);
    buf_done(&s->blob);
    mem_free(s->touched);
    mem_free(s->tokens);
    mem_free(s->path);
    mem_free(s->dir);
    mem_free(s);
}
