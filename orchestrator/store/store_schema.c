/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Times are milliseconds since 1970. `objective` and a metric's `value` are a REAL, or the text
 * NaN. The tables of derived data follow those of facts and chunks: `besom check` derives them
 * again and compares. */
static const char tables[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE fact(seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, kind TEXT NOT NULL,"
    " sweep TEXT NOT NULL, trial INTEGER, attempt INTEGER, body TEXT NOT NULL) STRICT;"
    "CREATE INDEX fact_created ON fact(sweep) WHERE kind = 'sweep_created';"
    "CREATE INDEX fact_told ON fact(sweep, seq) WHERE " STORE_TOLD ";"
    "CREATE INDEX fact_removed ON fact(sweep) WHERE kind = 'sweep_removed';"
    "CREATE TABLE chunk(seq INTEGER PRIMARY KEY, trial INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    " stream INTEGER NOT NULL, from_byte INTEGER NOT NULL, to_byte INTEGER NOT NULL,"
    " points INTEGER NOT NULL, bad_lines INTEGER NOT NULL,"
    " dropped_values INTEGER NOT NULL, long_lines INTEGER NOT NULL, next_step INTEGER NOT NULL, "
    "data BLOB NOT NULL) STRICT;"
    "CREATE INDEX chunk_of_attempt ON chunk(trial, attempt, seq, points, stream);"
    "CREATE TABLE sweep(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT,"
    " path TEXT NOT NULL, spec_place TEXT, workdir TEXT NOT NULL, seed INTEGER NOT NULL, total "
    "INTEGER "
    "NOT NULL,"
    " created INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, text TEXT, ended INTEGER,"
    " proposed INTEGER NOT NULL, counts TEXT NOT NULL, failure_streak INTEGER NOT NULL,"
    " best INTEGER, best_objective ANY, failure_last INTEGER,"
    " metric_streak INTEGER NOT NULL, until INTEGER, busy INTEGER NOT NULL, busy_from INTEGER,"
    " busy_to INTEGER, gpu_time INTEGER NOT NULL, snapshot TEXT, folder TEXT) STRICT;"
    "CREATE TABLE spec(sweep INTEGER PRIMARY KEY, content TEXT NOT NULL) STRICT;"
    "CREATE TABLE trial(id INTEGER PRIMARY KEY, state TEXT NOT NULL, reason TEXT,"
    " cursor INTEGER NOT NULL, params TEXT NOT NULL, why TEXT, attempts INTEGER NOT NULL,"
    " agent TEXT, slot INTEGER, failed INTEGER NOT NULL, lost INTEGER NOT NULL,"
    " created INTEGER NOT NULL, started INTEGER, ended INTEGER, objective ANY, objective_step "
    "INTEGER, step INTEGER,"
    " ran INTEGER, iterations INTEGER NOT NULL,"
    " iteration_step INTEGER NOT NULL, iteration_best REAL NOT NULL, lost_on TEXT,"
    " current INTEGER NOT NULL) STRICT;"
    "CREATE INDEX trial_open ON trial(id) WHERE state IN ('pending', 'running');"
    "CREATE INDEX trial_enqueued ON trial(id) WHERE " STORE_ENQUEUED ";"
    "CREATE TABLE attempt(trial INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,"
    " stop TEXT, reason TEXT, agent TEXT NOT NULL, slot INTEGER NOT NULL, launched INTEGER NOT "
    "NULL,"
    " ended INTEGER, code INTEGER NOT NULL, signal INTEGER NOT NULL, text TEXT,"
    " file_bytes INTEGER NOT NULL, stdout_bytes INTEGER NOT NULL, next_step INTEGER NOT NULL,"
    " points INTEGER NOT NULL, bad_lines INTEGER NOT NULL, log_dropped INTEGER NOT NULL,"
    " ran INTEGER, dropped_values INTEGER NOT NULL, stop_why TEXT,"
    " long_lines INTEGER NOT NULL, stdout_dropped INTEGER NOT NULL, rewrites INTEGER NOT NULL,"
    " grant TEXT, system_bytes INTEGER NOT NULL, samples INTEGER NOT NULL, aside TEXT,"
    " PRIMARY KEY(trial, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE rung(trial INTEGER NOT NULL, iterations INTEGER NOT NULL, value REAL NOT NULL,"
    " compared REAL, threshold REAL, rank INTEGER, trials INTEGER,"
    " PRIMARY KEY(trial, iterations)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX attempt_lossy ON attempt(trial) WHERE " STORE_LOSSY ";"
    "CREATE TABLE agent(seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL,"
    " by TEXT, text TEXT, instance INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;"
    "CREATE TABLE metric(trial INTEGER NOT NULL, place INTEGER NOT NULL, key TEXT NOT NULL,"
    " value ANY NOT NULL, PRIMARY KEY(trial, place)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tag(thing INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY(thing, tag)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX fact_action ON fact(seq) WHERE kind = 'action';"
    "CREATE TABLE token(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, scope TEXT NOT NULL,"
    " form TEXT NOT NULL, hash TEXT NOT NULL, name TEXT, store TEXT NOT NULL, made_by TEXT NOT "
    "NULL,"
    " created INTEGER NOT NULL, expires INTEGER, used INTEGER, revoked INTEGER, revoked_by TEXT)"
    " STRICT;"
    "INSERT INTO meta VALUES('epoch', 0);";

int store_schema_new_id(char id[STORE_ID_BYTES], struct err *err)
{
    unsigned char bytes[STORE_ID_BYTES / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return err_set(err, ERR_IO, "cannot read random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

int store_schema_number(sqlite3 *db, const char *sql, int64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(db, &st, sql, err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0) {
        *ret = sqlite3_column_int64(st, 0);
        rc = 0;
    } else if (rc == 0) {
        *ret = 0;
    }
    sqlite3_finalize(st);
    return rc;
}

int store_schema_last_seq(sqlite3 *db, int64_t *ret, struct err *err)
{
    return store_schema_number(db,
                               "SELECT max((SELECT ifnull(max(seq),0) FROM fact),"
                               "(SELECT ifnull(max(seq),0) FROM chunk))",
                               ret, err);
}

int store_schema_last_sweep(sqlite3 *db, int64_t *ret, struct err *err)
{
    return store_schema_number(db,
                               "SELECT max(ifnull((SELECT max(n) FROM sweep), 0),"
                               "ifnull((SELECT max(CASE WHEN json_valid(body)"
                               " THEN json_extract(body, '$.n') END)"
                               " FROM fact WHERE kind='sweep_removed'), 0))",
                               ret, err);
}

int store_schema_verify(sqlite3 *db, struct err *err)
{
    int64_t application, version, objects;
    int rc;
    if ((rc = store_schema_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err)) < 0 ||
        (rc = store_schema_number(db, "PRAGMA application_id", &application, err)) < 0 ||
        (rc = store_schema_number(db, "PRAGMA user_version", &version, err)) < 0)
        return rc;
    if (objects == 0 && application == 0)
        return err_set(err, ERR_NOT_FOUND, "the store is empty: no sweep was ever created in it");
    if (application != STORE_APPLICATION_ID)
        return err_set(err, ERR_DAMAGED, "this is an SQLite file of another program");
    if (version != STORE_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "its format is version %lld, and this besom supports version %d: use the "
                       "besom that created it, or a newer one",
                       (long long)version, STORE_VERSION);
    return 0;
}

int store_schema_create(sqlite3 *db, const char *id, struct err *err)
{
    char marks[256];
    snprintf(marks, sizeof marks,
             "INSERT INTO meta VALUES('id', '%s'); PRAGMA application_id=%d;"
             "PRAGMA user_version=%d; COMMIT",
             id, STORE_APPLICATION_ID, STORE_VERSION);
    int rc;
    if ((rc = store_sql_exec(db, "BEGIN IMMEDIATE", err)) < 0 ||
        (rc = store_sql_exec(db, tables, err)) < 0)
        return rc;
    return store_sql_exec(db, marks, err);
}

bool store_schema_was_removed(sqlite3 *db, const char *id)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(db, &st, "SELECT 1 FROM fact WHERE kind='sweep_removed' AND sweep=?", NULL);
    if (rc == 0) {
        store_sql_text(st, 1, id);
        rc = store_sql_step(st, NULL);
    }
    sqlite3_finalize(st);
    return rc > 0;
}
