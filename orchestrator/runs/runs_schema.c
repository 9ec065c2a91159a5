/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_schema.h"

#include <stdio.h>

/* Times are milliseconds since 1970. `lines` holds the lines of a stream in chunks: `text` has lines
 * `first` to `first + n - 1`, separated by LF. Of a stream of rows, all steps of a chunk lie in
 * step_from to step_to, which are NULL where a row has no step. `file`: kind 0 is of a run, 1 of an
 * artifact, 2 a manifest of an artifact; content that has not come has no hash. `artifact.aliases` are those
 * to be given when it is committed. */
static const char tables[] =
    "CREATE TABLE project(n INTEGER PRIMARY KEY, entity TEXT NOT NULL, name TEXT NOT NULL,"
    " created INTEGER NOT NULL, runs INTEGER NOT NULL, UNIQUE(entity, name)) STRICT;"
    "CREATE TABLE run(n INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, name TEXT NOT "
    "NULL,"
    " display TEXT NOT NULL, sweep TEXT, run_group TEXT, job_type TEXT, notes TEXT,"
    " tags TEXT NOT NULL, host TEXT, program TEXT, repo TEXT, commit_id TEXT, made_by TEXT,"
    " created INTEGER NOT NULL, state TEXT NOT NULL, exit_code INTEGER,"
    " heartbeat INTEGER NOT NULL, ended INTEGER, stop INTEGER NOT NULL,"
    " marked INTEGER, history INTEGER NOT NULL,"
    " events INTEGER NOT NULL, log INTEGER NOT NULL, UNIQUE(project, name)) STRICT;"
    "CREATE INDEX run_name ON run(name);"
    "CREATE INDEX run_of_sweep ON run(sweep) WHERE sweep IS NOT NULL;"
    "CREATE INDEX run_open ON run(heartbeat) WHERE state IN ('running', 'preempting');"
    "CREATE TABLE document(run INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY(run, kind)) STRICT;"
    "CREATE TABLE lines(run INTEGER NOT NULL, stream INTEGER NOT NULL, first INTEGER NOT NULL,"
    " n INTEGER NOT NULL, step_from INTEGER, step_to INTEGER, text TEXT NOT NULL,"
    " PRIMARY KEY(run, stream, first)) STRICT;"
    "CREATE TABLE alert(n INTEGER PRIMARY KEY, run INTEGER NOT NULL, time INTEGER NOT NULL,"
    " title TEXT NOT NULL, text TEXT NOT NULL, severity TEXT NOT NULL) STRICT;"
    "CREATE INDEX alert_of_run ON alert(run, title, time);"
    "CREATE TABLE sweep(id TEXT PRIMARY KEY, entity TEXT NOT NULL, project TEXT NOT NULL,"
    " config TEXT NOT NULL, name TEXT, description TEXT, created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE sweep_agent(id TEXT PRIMARY KEY, sweep TEXT NOT NULL, host TEXT NOT NULL,"
    " made_by TEXT, created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE task(sweep TEXT NOT NULL, trial INTEGER NOT NULL, agent TEXT NOT NULL,"
    " attempt INTEGER NOT NULL, base INTEGER NOT NULL, again INTEGER NOT NULL,"
    " PRIMARY KEY(sweep, trial)) STRICT;"
    "CREATE INDEX task_of_agent ON task(agent);"
    "CREATE TABLE page(id TEXT PRIMARY KEY, kind TEXT NOT NULL, sweep TEXT NOT NULL,"
    " name TEXT NOT NULL, made_by TEXT NOT NULL, changed_by TEXT NOT NULL, made INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
    "CREATE INDEX page_of_kind ON page(kind, name);"
    "CREATE TABLE file(n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, owner INTEGER NOT NULL,"
    " name TEXT NOT NULL, hash TEXT, size INTEGER NOT NULL, md5 BLOB, updated INTEGER NOT NULL,"
    " UNIQUE(kind, owner, name)) STRICT;"
    "CREATE INDEX file_md5 ON file(md5) WHERE md5 IS NOT NULL;"
    "CREATE TABLE collection(n INTEGER PRIMARY KEY, project INTEGER NOT NULL, type TEXT NOT NULL,"
    " name TEXT NOT NULL, description TEXT, created INTEGER NOT NULL, versions INTEGER NOT NULL,"
    " UNIQUE(project, name)) STRICT;"
    "CREATE TABLE artifact(n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, version INTEGER,"
    " state TEXT NOT NULL, digest TEXT NOT NULL, client TEXT, distributed TEXT, run INTEGER,"
    " step INTEGER, base INTEGER, description TEXT, metadata TEXT, tags TEXT NOT NULL,"
    " aliases TEXT NOT NULL, manifest TEXT, manifest_size INTEGER NOT NULL, size INTEGER NOT NULL,"
    " files INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL) STRICT;"
    "CREATE INDEX artifact_of_collection ON artifact(collection, version);"
    "CREATE INDEX artifact_digest ON artifact(collection, digest);"
    "CREATE INDEX artifact_of_run ON artifact(run) WHERE run IS NOT NULL;"
    "CREATE TABLE artifact_client(client TEXT PRIMARY KEY, artifact INTEGER NOT NULL) STRICT;"
    "CREATE TABLE alias(collection INTEGER NOT NULL, alias TEXT NOT NULL,"
    " artifact INTEGER NOT NULL, PRIMARY KEY(collection, alias)) STRICT;"
    "CREATE INDEX alias_of_artifact ON alias(artifact);"
    "CREATE TABLE artifact_use(artifact INTEGER NOT NULL, run INTEGER NOT NULL,"
    " PRIMARY KEY(artifact, run)) STRICT;"
    "CREATE INDEX artifact_use_of_run ON artifact_use(run);";

int runs_schema_create(sqlite3 *db, struct err *err)
{
    char marks[128];
    snprintf(marks, sizeof marks, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT",
             RUNS_APPLICATION_ID, RUNS_VERSION);
    int rc = store_sql_exec(db, "BEGIN IMMEDIATE", err);
    if (rc == 0)
        rc = store_sql_exec(db, tables, err);
    return rc ? rc : store_sql_exec(db, marks, err);
}

static int schema_number(sqlite3 *db, const char *sql, int64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(db, &st, sql, err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        *ret = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int runs_schema_verify(sqlite3 *db, struct err *err)
{
    int64_t objects = 0, application = 0, version = 0;
    int rc = schema_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err);
    if (rc == 0)
        rc = schema_number(db, "PRAGMA application_id", &application, err);
    if (rc == 0)
        rc = schema_number(db, "PRAGMA user_version", &version, err);
    if (rc != 0)
        return rc;
    if (objects == 0 && application == 0)
        return err_set(err, ERR_NOT_FOUND, "it is empty");
    if (application != RUNS_APPLICATION_ID)
        return err_set(err, ERR_DAMAGED, "this is an SQLite file of another program");
    if (version != RUNS_VERSION)
        return err_set(err, ERR_UNSUPPORTED,
                       "its format is version %lld, and this besom supports version %d: use the "
                       "besom that created it, or a newer one",
                       (long long)version, RUNS_VERSION);
    return 0;
}
