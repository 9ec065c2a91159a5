/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "orchestrator/runs/runs_sql.h"
#include "orchestrator/runs/runs_schema.h"
#include "orchestrator/store/store_sync.h"

#define FILE_NAME "runs.db"
enum { BUSY_MS = 5000 };

static char *path_make(const char *dir)
{
    size_t len = strlen(dir) + sizeof "/" FILE_NAME;
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/" FILE_NAME, dir);
    return path;
}

bool runs_is_there(const char *dir)
{
    char *path = path_make(dir);
    bool there = access(path, F_OK) == 0;
    mem_free(path);
    return there;
}

static int connection_set_up(sqlite3 *db, bool reads, struct err *err)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(db, BUSY_MS);
    int rc = reads ? 0 : store_sql_exec(db, "PRAGMA journal_mode=WAL", err);
    return rc ? rc
              : store_sql_exec(db,
                               "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
                               "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
                               "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON",
                               err);
}

static int file_make(const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    rc = rc == SQLITE_OK ? runs_schema_create(db, err) : store_sql_error(db, rc, err);
    sqlite3_close(db);
    return rc;
}

/* It gets its name only when it is complete: readers find no file or a good one. */
static int file_create(const char *dir, const char *path, struct err *err)
{
    static const char *const rests[] = {"", "-journal"};
    size_t len = strlen(path) + sizeof ".new-journal";
    char *made = mem_alloc(len);
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        snprintf(made, len, "%s.new%s", path, rests[i]);
        unlink(made);
    }
    snprintf(made, len, "%s.new", path);
    int rc = file_make(made, err);
    if (rc == 0 && rename(made, path) < 0)
        rc = err_set(err, ERR_IO, "cannot rename it: %s", strerror(errno));
    mem_free(made);
    return rc ? rc : store_sync(dir, err);
}

/* SQLite would apply the log of a lost database to a new one. */
static int log_refuse(const char *path, struct err *err)
{
    size_t len = strlen(path) + sizeof "-wal";
    char *log = mem_alloc(len);
    struct stat st;
    snprintf(log, len, "%s-wal", path);
    int rc = stat(log, &st) == 0 && st.st_size > 0
                 ? err_set(err, ERR_DAMAGED,
                           "it is missing, and the end of its log is in %s: put it back, or move "
                           "that file away to begin a new one",
                           log)
                 : 0;
    mem_free(log);
    return rc;
}

/* What is written to a file that was removed is lost when it is closed. */
static int file_check(const struct runs *r, struct err *err)
{
    struct stat st;
    if (stat(r->path, &st) < 0)
        return err_set(err, ERR_IO, "%s is gone: %s", r->path, strerror(errno));
    if (st.st_dev != r->device || st.st_ino != r->inode)
        return err_set(err, ERR_IO, "another file has replaced %s", r->path);
    return 0;
}

static int runs_connect(struct runs *r, const char *dir, struct err *err)
{
    int rc = 0, flags = r->reads ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (!r->reads && !runs_is_there(dir) && (rc = log_refuse(r->path, err)) == 0)
        rc = file_create(dir, r->path, err);
    if (rc != 0)
        return rc;
    struct stat st;
    if (stat(r->path, &st) < 0)
        return err_set(err, ERR_IO, "%s", strerror(errno));
    r->device = st.st_dev;
    r->inode = st.st_ino;
    rc = sqlite3_open_v2(r->path, &r->db, SQLITE_OPEN_NOMUTEX | flags, NULL);
    rc =
        rc == SQLITE_OK ? connection_set_up(r->db, r->reads, err) : store_sql_error(r->db, rc, err);
    return rc ? rc : runs_schema_verify(r->db, err);
}

static int runs_connect_or_fail(const char *dir, bool reads, struct runs **ret, struct err *err)
{
    struct runs *r = mem_alloc(sizeof *r);
    map_init(&r->statements);
    r->path = path_make(dir);
    r->reads = reads;
    int rc = runs_connect(r, dir, err);
    if (rc != 0) {
        err_wrap(err, "the runs in %s cannot be opened", r->path);
        runs_close(r, true);
        return rc;
    }
    *ret = r;
    return 0;
}

int runs_open(const char *dir, struct runs **ret, struct err *err)
{
    return runs_connect_or_fail(dir, false, ret, err);
}

int runs_open_to_read(const char *dir, struct runs **ret, struct err *err)
{
    if (!runs_is_there(dir))
        return err_set(err, ERR_NOT_FOUND, "no script has recorded a run in %s", dir);
    return runs_connect_or_fail(dir, true, ret, err);
}

int runs_begin(struct runs *r, struct err *err)
{
    int rc = file_check(r, err);
    return rc ? rc : runs_sql_do(r, "BEGIN", err);
}

int runs_commit(struct runs *r, struct err *err)
{
    int rc = r->reads ? 0 : file_check(r, err);
    return rc ? rc : runs_sql_do(r, "COMMIT", err);
}

int runs_write_begin(struct runs *r, struct err *err)
{
    return runs_sql_do(r, "SAVEPOINT change", err);
}

int runs_write_end(struct runs *r, bool good, struct err *err)
{
    int rc = good ? 0 : runs_sql_do(r, "ROLLBACK TO change", err);
    return rc ? rc : runs_sql_do(r, "RELEASE change", err);
}

void runs_close(struct runs *r, bool failed)
{
    void *st;
    if (!r)
        return;
    for (size_t at = 0; map_next(&r->statements, &at, &st);)
        sqlite3_finalize(st);
    map_done(&r->statements);
    if (r->db && failed)
        sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    else if (r->db && !r->reads)
        sqlite3_wal_checkpoint_v2(r->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_close(r->db);
    mem_free(r->path);
    mem_free(r);
}
