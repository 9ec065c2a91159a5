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
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/store_lock.h"
#include "orchestrator/store/store_schema.h"

enum { WAL_BYTES_MAX = 16 << 20 };

static const char *const sql[STORE_STATEMENTS] = {
    [STORE_ADD_FACT] = "INSERT INTO fact VALUES(?,?,?,?,?,?,?)",
    [STORE_ADD_CHUNK] = "INSERT INTO chunk VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_ADD_SWEEP] = "INSERT INTO sweep VALUES(?,?,?,?,?,?,?,?,'',NULL,NULL,NULL,0,'{}',0,NULL,"
                        "NULL,NULL)",
    [STORE_FIND_SWEEP] = "SELECT n FROM sweep WHERE id=?",
    [STORE_PUT_SWEEP] = "UPDATE sweep SET state=?2, reason=?3, text=?4, ended=?5, proposed=?6,"
                        " counts=?7, failure_streak=?8, best=?9, best_objective=?10,"
                        " failure_last=?11 WHERE n=?1",
    [STORE_PUT_TRIAL] =
        "INSERT INTO trial "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)"
        " ON CONFLICT(id) DO UPDATE SET state=?2, reason=?3, attempts=?7, agent=?8, slot=?9,"
        " failed=?10, lost=?11, started=?13, ended=?14, objective=?15,"
        " objective_step=?16, step=?17, metrics=?18, ran=?19, iterations=?20,"
        " iteration_step=?21",
    [STORE_PUT_ATTEMPT] =
        "INSERT OR REPLACE INTO attempt VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STORE_PUT_RUNG] = "INSERT INTO rung VALUES(?,?,?)",
    /* Text of a spec may hold these words elsewhere: then nothing is joined, which is as well. */
    [STORE_FOLD_ORDERED] = "SELECT instr(content, '\"early_terminate\"')"
                           " OR instr(content, '\"bayes\"') OR instr(content, '\"tpe\"')"
                           " OR instr(content, '\"cmaes\"') FROM spec WHERE sweep=?",
    [STORE_FOLD_READ] = "SELECT seq, stream, from_byte, to_byte, points, bad_lines,"
                        " dropped_values, long_lines, data FROM chunk"
                        " WHERE trial=? AND attempt=? AND seq>? ORDER BY seq",
    [STORE_FOLD_DROP] = "DELETE FROM chunk WHERE trial=? AND attempt=? AND seq>=? AND seq<?",
    [STORE_FOLD_PUT] = "UPDATE chunk SET from_byte=?2, points=?3, bad_lines=?4,"
                       " dropped_values=?5, long_lines=?6, data=?7 WHERE seq=?1",
};

int store_use(struct store *s, enum store_statement which, sqlite3_stmt **ret, struct err *err)
{
    int rc = store_sql_use(s->db, &s->statements[which], sql[which], err);
    *ret = s->statements[which];
    return rc;
}

int store_fail(struct store *s, struct err *err)
{
    if (!s->failed) {
        s->failed = err->code;
        snprintf(s->why, sizeof s->why, "%s", err->text);
    }
    return err_set(err, s->failed, "cannot write the store %s: %s", s->path, s->why);
}

int store_refuse(const struct store *s, struct err *err)
{
    if (!s->failed)
        return 0;
    return err_set(err, s->failed, "the store %s failed before: %s", s->path, s->why);
}

const char *store_id(const struct store *s)
{
    return s->id;
}

uint64_t store_epoch(const struct store *s)
{
    return s->epoch;
}

/* WAL must be what we got: an error on the way there would only show later. */
static int set_up_connection(struct store *s, struct err *err)
{
    sqlite3_stmt *st = NULL;
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_busy_timeout(s->db, 2000);
    int rc = store_sql_use(s->db, &st, "PRAGMA journal_mode=WAL", err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        rc = strcmp(store_sql_get_text(st, 0), "wal") == 0
                 ? 0
                 : err_set(err, ERR_IO, "the file system does not let SQLite keep a log beside %s",
                           s->path);
    sqlite3_finalize(st);
    if (rc < 0)
        return rc;
    return store_sql_exec(s->db,
                          "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                          "PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY;"
                          "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON",
                          err);
}

static int create_tables(struct store *s, struct err *err)
{
    char id[STORE_ID_BYTES];
    int rc;
    if ((rc = store_schema_new_id(id, err)) < 0 || (rc = store_schema_create(s->db, id, err)) < 0)
        return rc;
    return store_lock_sync(s->dir, err);
}

static int read_meta(struct store *s, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int64_t epoch = 0, seq = 0, sweeps = 0;
    int rc;
    if ((rc = store_sql_exec(s->db, "UPDATE meta SET value=value+1 WHERE key='epoch'", err)) < 0 ||
        (rc = store_schema_number(s->db, "SELECT value FROM meta WHERE key='epoch'", &epoch, err)) <
            0 ||
        (rc = store_schema_number(s->db,
                                  "SELECT max((SELECT ifnull(max(seq),0) FROM fact),"
                                  "(SELECT ifnull(max(seq),0) FROM chunk))",
                                  &seq, err)) < 0 ||
        (rc = store_schema_number(s->db, "SELECT max(n) FROM sweep", &sweeps, err)) < 0)
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

static int open_file(struct store *s, bool create, struct err *err)
{
    struct stat st;
    if (!create && stat(s->path, &st) < 0 && errno == ENOENT)
        return err_set(err, ERR_NOT_FOUND, "there is no store in %s", s->dir);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (create ? SQLITE_OPEN_CREATE : 0);
    int rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (rc != SQLITE_OK)
        return store_sql_error(s->db, rc, err);
    if ((rc = set_up_connection(s, err)) < 0)
        return rc;
    rc = store_schema_verify(s->db, err);
    if (rc == ERR_NOT_FOUND && create)
        rc = create_tables(s, err);
    if (rc < 0 || (rc = read_meta(s, err)) < 0)
        return rc;
    sqlite3_wal_hook(s->db, count_pages, s);
    if (stat(s->path, &st) < 0)
        return err_set(err, ERR_IO, "cannot look at it: %s", strerror(errno));
    s->device = st.st_dev;
    s->inode = st.st_ino;
    return 0;
}

static char *path_join(const char *dir, const char *name)
{
    size_t len = strlen(dir) + strlen(name) + 2;
    char *path = mem_alloc(len);
    snprintf(path, len, "%s/%s", dir, name);
    return path;
}

static struct store *new_store(void)
{
    struct store *s = mem_alloc(sizeof *s);
    s->lock = -1;
    s->codec = chunk_codec_new();
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

/* After a failure nothing more may be written, and so closing must not checkpoint. */
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
    if (s->lock >= 0)
        close(s->lock);
    void *sweep;
    for (size_t at = 0; map_next(&s->sweeps, &at, &sweep);)
        mem_free(sweep);
    map_done(&s->sweeps);
    chunk_codec_free(s->codec);
    arena_done(&s->scratch);
    buf_done(&s->text);
    buf_done(&s->blob);
    mem_free(s->touched);
    mem_free(s->ended);
    mem_free(s->path);
    mem_free(s->dir);
    mem_free(s);
}

static struct store_sweep *remember_sweep(struct store *s, const char *id, uint64_t n)
{
    struct store_sweep *sweep = mem_alloc(sizeof *sweep);
    size_t len = strlen(id);
    check(len < sizeof sweep->id);
    memcpy(sweep->id, id, len + 1);
    sweep->n = n;
    map_put(&s->sweeps, id, len, sweep);
    return sweep;
}

static int find_sweep(struct store *s, const char *id, struct store_sweep **ret, struct err *err)
{
    sqlite3_stmt *st;
    *ret = map_find(&s->sweeps, id, strlen(id));
    if (*ret)
        return 0;
    int rc = store_use(s, STORE_FIND_SWEEP, &st, err);
    if (rc < 0)
        return rc;
    store_sql_text(st, 1, id);
    if ((rc = store_sql_step(st, err)) < 0)
        return rc;
    if (rc == 0)
        return err_set(err, ERR_DAMAGED, "there is no row of the sweep %s", id);
    *ret = remember_sweep(s, id, store_sql_get_u64(st, 0));
    sqlite3_reset(st);
    return 0;
}

static int add_sweep(struct store *s, const struct fact *f, struct store_sweep **ret,
                     struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_ADD_SWEEP, &st, err);
    if (rc < 0)
        return rc;
    uint64_t n = ++s->sweeps_n;
    store_sql_u64(st, 1, n);
    store_sql_text(st, 2, f->sweep);
    store_sql_text(st, 3, f->name);
    store_sql_text(st, 4, f->path);
    store_sql_text(st, 5, f->workdir);
    store_sql_u64(st, 6, f->seed);
    store_sql_u64(st, 7, f->total);
    sqlite3_bind_int64(st, 8, f->time_ms);
    if ((rc = store_sql_run(st, err)) < 0)
        return rc;
    st = NULL;
    if ((rc = store_sql_use(s->db, &st, "INSERT INTO spec VALUES(?,?)", err)) < 0)
        return rc;
    buf_clear(&s->text);
    json_print(&s->text, f->content, JSON_PYTHON);
    store_sql_u64(st, 1, n);
    store_sql_text(st, 2, buf_str(&s->text));
    rc = store_sql_run(st, err);
    sqlite3_finalize(st);
    *ret = remember_sweep(s, f->sweep, n);
    return rc;
}

static int add_chunk(struct store *s, const struct fact *f, uint64_t row, struct err *err)
{
    sqlite3_stmt *st;
    buf_clear(&s->blob);
    int rc;
    if ((rc = chunk_encode(s->codec, &f->points, &s->blob, err)) < 0 ||
        (rc = store_use(s, STORE_ADD_CHUNK, &st, err)) < 0)
        return rc;
    store_sql_u64(st, 1, f->seq);
    store_sql_u64(st, 2, row);
    store_sql_u64(st, 3, f->attempt);
    store_sql_u64(st, 4, f->stream);
    store_sql_u64(st, 5, f->from);
    store_sql_u64(st, 6, f->to);
    sqlite3_bind_int64(st, 7, f->time_ms);
    store_sql_u64(st, 8, f->points.n);
    store_sql_u64(st, 9, f->points.bad);
    store_sql_u64(st, 10, f->points.dropped);
    store_sql_u64(st, 11, f->points.too_long);
    sqlite3_bind_int64(st, 12, f->next_step);
    sqlite3_bind_blob64(st, 13, buf_str(&s->blob), s->blob.len, SQLITE_STATIC);
    return store_sql_run(st, err);
}

static int add_fact(struct store *s, const struct fact *f, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_ADD_FACT, &st, err);
    if (rc < 0)
        return rc;
    buf_clear(&s->text);
    json_print(&s->text, fact_encode(&s->scratch, f), JSON_PYTHON);
    arena_clear(&s->scratch);
    store_sql_u64(st, 1, f->seq);
    sqlite3_bind_int64(st, 2, f->time_ms);
    store_sql_text(st, 3, fact_kind_name(f->kind));
    store_sql_text(st, 4, f->sweep);
    if (f->kind != FACT_SWEEP_CREATED && f->kind != FACT_SWEEP_STATE)
        store_sql_u64(st, 5, f->trial);
    if (f->attempt)
        store_sql_u64(st, 6, f->attempt);
    store_sql_text(st, 7, buf_str(&s->text));
    return store_sql_run(st, err);
}

static void sweep_touch(struct store *s, struct store_sweep *sweep, const struct fact *f)
{
    sweep->touched |= f->kind != FACT_METRICS && f->kind != FACT_STOPPING;
    if (f->kind == FACT_SWEEP_CREATED || f->kind == FACT_SWEEP_STATE)
        return;
    s->touched = mem_grow(s->touched, &s->touched_cap, s->touched_n + 1, sizeof *s->touched);
    s->touched[s->touched_n++] =
        (struct store_touch){store_trial_row(sweep->n, f->trial), sweep, f->trial};
    if (f->kind != FACT_ENDED)
        return;
    s->ended = mem_grow(s->ended, &s->ended_cap, s->ended_n + 1, sizeof *s->ended);
    s->ended[s->ended_n++] =
        (struct store_attempt){.row = store_trial_row(sweep->n, f->trial), .number = f->attempt};
}

static int fact_append(struct store *s, const struct fact *f, struct err *err)
{
    struct store_sweep *sweep = NULL;
    int rc = s->begun ? 0 : store_sql_exec(s->db, "BEGIN IMMEDIATE", err);
    if (rc < 0)
        return rc;
    s->begun = true;
    rc = f->kind == FACT_SWEEP_CREATED ? add_sweep(s, f, &sweep, err)
                                       : find_sweep(s, f->sweep, &sweep, err);
    if (rc < 0)
        return rc;
    if (f->trial >> STORE_NUMBER_BITS || sweep->n >> (63 - STORE_NUMBER_BITS))
        return err_set(err, ERR_LIMIT, "no room for trial %llu of sweep %s",
                       (unsigned long long)f->trial, f->sweep);
    PRE(f->seq > s->seq);
    s->seq = f->seq;
    if (s->rows_only)
        rc = 0;
    else
        rc = f->kind == FACT_METRICS ? add_chunk(s, f, store_trial_row(sweep->n, f->trial), err)
                                     : add_fact(s, f, err);
    if (rc == 0)
        sweep_touch(s, sweep, f);
    return rc;
}

int store_append(struct store *s, const struct fact *f, struct err *err)
{
    struct err why = {0};
    if (s->failed)
        return store_refuse(s, err);
    if (fact_append(s, f, &why) == 0)
        return 0;
    int rc = store_fail(s, &why);
    return err_set(err, rc, "%s", why.text);
}

/* Writing on into a file that was deleted or replaced would lose all that is acknowledged. */
static int check_file(const struct store *s, struct err *err)
{
    struct stat st;
    if (stat(s->path, &st) < 0)
        return err_set(err, ERR_IO, "the file is gone: %s", strerror(errno));
    if (st.st_dev != s->device || st.st_ino != s->inode)
        return err_set(err, ERR_IO, "another file has taken its place");
    return 0;
}

static int batch_commit(struct store *s, const struct books *b, struct err *err)
{
    int rc = s->rows_only ? 0 : check_file(s, err);
    if (rc < 0 || (rc = store_rows_write(s, b, err)) < 0)
        return rc;
    return store_sql_exec(s->db, "COMMIT", err);
}

int store_commit(struct store *s, const struct books *b, struct err *err)
{
    struct err why = {0};
    if (s->failed)
        return store_refuse(s, err);
    if (!s->begun)
        return 0;
    if (batch_commit(s, b, &why) < 0) {
        int rc = store_fail(s, &why);
        return err_set(err, rc, "%s", why.text);
    }
    s->begun = false;
    if (!s->rows_only)
        store_log_extend(s);
    return 0;
}

bool store_tidy(struct store *s)
{
    struct err why = {0};
    if (s->failed || s->begun)
        return false;
    /* While a reader holds the log back it cannot start anew: then not again at every call. */
    s->wal_mark = s->wal_pages < s->wal_mark ? 0 : s->wal_mark;
    if ((int64_t)(s->wal_pages - s->wal_mark) * STORE_PAGE_BYTES > WAL_BYTES_MAX) {
        int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        s->wal_mark = s->wal_pages;
        if (rc != SQLITE_OK && rc != SQLITE_BUSY) {
            store_sql_error(s->db, rc, &why);
            store_fail(s, &why);
        }
        return !s->failed && s->ended_n > 0;
    }
    int more = store_fold_step(s, &why);
    if (more < 0)
        store_fail(s, &why);
    return more > 0;
}
