/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_run.h"

#include <string.h>

#include "orchestrator/runs/runs_sql.h"

#define COLUMNS                                                                             \
    "run.n, project, entity, project.name, run.name, display, sweep, run_group, job_type, " \
    "notes, tags, host, program, repo, commit_id, made_by, state, exit_code, run.created, " \
    "heartbeat, ended, stop, marked, history, events, log"
#define FROM " FROM run JOIN project ON project.n = project "

static const char *const states[RUNS_STATE_COUNT] = {
#define X(id, name) [id] = name,
    RUNS_STATES(X)
#undef X
};

const char *runs_run_state_name(enum runs_state state)
{
    return states[state];
}

int runs_run_state_find(const char *name)
{
    for (int i = 0; i < RUNS_STATE_COUNT; i++)
        if (strcmp(states[i], name) == 0)
            return i;
    return -1;
}

bool runs_run_has_ended(enum runs_state state)
{
    return state >= RUNS_PREEMPTED;
}

static const char *column_text(struct arena *a, sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? arena_strdup(a, text) : NULL;
}

static void run_read(struct arena *a, sqlite3_stmt *st, struct runs_run *ret)
{
    int state = runs_run_state_find(store_sql_get_text(st, 16));
    const char **const texts[] = {&ret->entity, &ret->project, &ret->name,     &ret->display,
                                  &ret->sweep,  &ret->group,   &ret->job_type, &ret->notes,
                                  &ret->tags,   &ret->host,    &ret->program,  &ret->repo,
                                  &ret->commit, &ret->by};
    *ret = (struct runs_run){.n = runs_sql_get_int(st, 0), .project_n = runs_sql_get_int(st, 1)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = column_text(a, st, (int)i + 2);
    ret->state = state < 0 ? RUNS_CRASHED : (enum runs_state)state;
    ret->exited = !store_sql_is_null(st, 17);
    ret->exit_code = runs_sql_get_int(st, 17);
    ret->created = runs_sql_get_int(st, 18);
    ret->heartbeat = runs_sql_get_int(st, 19);
    ret->ended = runs_sql_get_int(st, 20);
    ret->stop = runs_sql_get_int(st, 21) != 0;
    ret->marked = runs_sql_get_int(st, 22);
    for (int i = 0; i < RUNS_STREAMS; i++)
        ret->lines[i] = runs_sql_get_int(st, 23 + i);
}

static int run_take(struct arena *a, sqlite3_stmt *st, struct runs_run *ret, struct err *err)
{
    int rc = runs_sql_one(st, err, "there is no such run");
    if (rc != 0)
        return rc;
    run_read(a, st, ret);
    sqlite3_reset(st);
    return 0;
}

int runs_run_find(struct runs *r, struct arena *a, const char *entity, const char *project,
                  const char *name, struct runs_run *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, "SELECT " COLUMNS FROM "WHERE entity=? AND project.name=? AND run.name=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    store_sql_text(st, 3, name);
    return run_take(a, st, ret, err);
}

int runs_run_find_named(struct runs *r, struct arena *a, const char *name, struct runs_run *ret,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " COLUMNS FROM "WHERE run.name=? ORDER BY run.n DESC LIMIT 1",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, name);
    return run_take(a, st, ret, err);
}

int runs_run_get(struct runs *r, struct arena *a, int64_t n, struct runs_run *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " COLUMNS FROM "WHERE run.n=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return run_take(a, st, ret, err);
}

int runs_run_each(struct runs *r, const char *entity, const char *project,
                  int (*fn)(void *arg, const struct runs_run *run), void *arg, struct err *err)
{
    sqlite3_stmt *st;
    struct arena a;
    int rc = runs_sql_use(
        r, "SELECT " COLUMNS FROM "WHERE entity=? AND project.name=? ORDER BY run.n", &st, err);
    if (rc != 0)
        return rc;
    arena_init(&a);
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    while ((rc = store_sql_step(st, err)) > 0) {
        struct runs_run run;
        run_read(&a, st, &run);
        rc = fn(arg, &run);
        arena_clear(&a);
        if (rc != 0)
            break;
    }
    sqlite3_reset(st);
    arena_done(&a);
    return rc;
}

int runs_run_count(struct runs *r, const char *entity, const char *project, int64_t *ret,
                   struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT runs FROM project WHERE entity=? AND name=?", &st, err);
    *ret = 0;
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    rc = store_sql_step(st, err);
    if (rc > 0)
        *ret = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

static int project_put(struct runs *r, struct runs_run *run, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO project(entity, name, created, runs) VALUES(?,?,?,1)"
                          " ON CONFLICT(entity, name) DO UPDATE SET runs=runs+1 RETURNING n",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, run->entity);
    store_sql_text(st, 2, run->project);
    runs_sql_int(st, 3, run->created);
    rc = store_sql_step(st, err);
    if (rc > 0)
        run->project_n = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

/* Parameters 1 to 14. */
static void run_bind(sqlite3_stmt *st, const struct runs_run *run)
{
    const char *const texts[] = {run->name,     run->display, run->sweep,  run->group,
                                 run->job_type, run->notes,   run->tags,   run->host,
                                 run->program,  run->repo,    run->commit, run->by};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        store_sql_text(st, (int)i + 1, texts[i]);
    runs_sql_int(st, 13, run->project_n);
    runs_sql_int(st, 14, run->created);
}

/* Parameters from `at` to at + 8. */
static void beat_bind(sqlite3_stmt *st, int at, const struct runs_run *run)
{
    store_sql_text(st, at, states[run->state]);
    if (run->exited)
        runs_sql_int(st, at + 1, run->exit_code);
    runs_sql_int(st, at + 2, run->heartbeat);
    if (run->ended != 0)
        runs_sql_int(st, at + 3, run->ended);
    runs_sql_int(st, at + 4, run->stop);
    if (run->marked != 0)
        runs_sql_int(st, at + 5, run->marked);
    for (int i = 0; i < RUNS_STREAMS; i++)
        runs_sql_int(st, at + 6 + i, run->lines[i]);
}

int runs_run_add(struct runs *r, struct runs_run *run, struct err *err)
{
    sqlite3_stmt *st;
    int rc = project_put(r, run, err);
    if (rc == 0)
        rc = runs_sql_use(r,
                          "INSERT INTO run(name, display, sweep, run_group, job_type, notes, tags,"
                          " host, program, repo, commit_id, made_by, project, created, state,"
                          " exit_code, heartbeat, ended, stop, marked, history, events, log)"
                          " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                          &st, err);
    if (rc != 0)
        return rc;
    run_bind(st, run);
    beat_bind(st, 15, run);
    rc = store_sql_run(st, err);
    run->n = rc == 0 ? runs_sql_last_row(r) : 0;
    return rc;
}

int runs_run_put(struct runs *r, const struct runs_run *run, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "UPDATE run SET name=?1, display=?2, sweep=?3, run_group=?4, job_type=?5,"
                          " notes=?6, tags=?7, host=?8, program=?9, repo=?10, commit_id=?11,"
                          " made_by=?12, project=?13, created=?14 WHERE n=?15",
                          &st, err);
    if (rc != 0)
        return rc;
    run_bind(st, run);
    runs_sql_int(st, 15, run->n);
    rc = store_sql_run(st, err);
    return rc ? rc : runs_run_beat(r, run, err);
}

int runs_run_beat(struct runs *r, const struct runs_run *run, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "UPDATE run SET state=?1, exit_code=?2, heartbeat=?3, ended=?4, stop=?5,"
                          " marked=?6, history=?7, events=?8, log=?9 WHERE n=?10",
                          &st, err);
    if (rc != 0)
        return rc;
    beat_bind(st, 1, run);
    runs_sql_int(st, 10, run->n);
    return store_sql_run(st, err);
}

int runs_run_remove(struct runs *r, int64_t n, struct err *err)
{
    static const char *const statements[] = {"DELETE FROM lines WHERE run=?",
                                             "DELETE FROM document WHERE run=?",
                                             "DELETE FROM alert WHERE run=?",
                                             "DELETE FROM file WHERE kind=0 AND owner=?",
                                             "DELETE FROM artifact_use WHERE run=?",
                                             "UPDATE artifact SET run=NULL WHERE run=?",
                                             "DELETE FROM run WHERE n=?"};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof statements / sizeof *statements; i++) {
        sqlite3_stmt *st;
        rc = runs_sql_use(r, statements[i], &st, err);
        if (rc != 0)
            return rc;
        runs_sql_int(st, 1, n);
        rc = store_sql_run(st, err);
    }
    return rc;
}

int runs_run_remove_sweep(struct runs *r, const char *sweep, struct err *err)
{
    static const char *const statements[] = {"DELETE FROM sweep WHERE id=?",
                                             "DELETE FROM sweep_agent WHERE sweep=?",
                                             "DELETE FROM task WHERE sweep=?"};
    sqlite3_stmt *st;
    int rc = 0;
    for (bool more = true; rc == 0 && more;) {
        rc = runs_sql_use(r, "SELECT n FROM run WHERE sweep=? LIMIT 1", &st, err);
        if (rc != 0)
            return rc;
        store_sql_text(st, 1, sweep);
        rc = store_sql_step(st, err);
        more = rc > 0;
        int64_t n = more ? runs_sql_get_int(st, 0) : 0;
        sqlite3_reset(st);
        rc = more ? runs_run_remove(r, n, err) : rc;
    }
    for (size_t i = 0; rc == 0 && i < sizeof statements / sizeof *statements; i++) {
        rc = runs_sql_use(r, statements[i], &st, err);
        if (rc != 0)
            return rc;
        store_sql_text(st, 1, sweep);
        rc = store_sql_run(st, err);
    }
    return rc;
}

int runs_run_document(struct runs *r, struct arena *a, int64_t n, enum runs_document which,
                      const char **ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT text FROM document WHERE run=? AND kind=?", &st, err);
    *ret = "{}";
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    runs_sql_int(st, 2, which);
    rc = store_sql_step(st, err);
    if (rc > 0)
        *ret = column_text(a, st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_run_put_document(struct runs *r, int64_t n, enum runs_document which, const char *text,
                          size_t len, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO document VALUES(?1,?2,?3)"
                          " ON CONFLICT(run, kind) DO UPDATE SET text=?3",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    runs_sql_int(st, 2, which);
    runs_sql_bytes(st, 3, text, len);
    return store_sql_run(st, err);
}

int runs_run_end_silent(struct runs *r, int64_t since, int64_t now, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "UPDATE run SET state=CASE state WHEN 'preempting' THEN 'preempted' ELSE"
                          " 'crashed' END, ended=?2"
                          " WHERE state IN ('running', 'preempting') AND heartbeat<?1",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, since);
    runs_sql_int(st, 2, now);
    return store_sql_run(st, err);
}
