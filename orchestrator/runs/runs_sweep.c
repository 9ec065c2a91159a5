/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_sweep.h"

#include "orchestrator/runs/runs_sql.h"

#define TASK_COLUMNS                                                             \
    "sweep, agent, trial, attempt, base, again,"                                 \
    " EXISTS(SELECT 1 FROM run WHERE run.name = task.sweep || '-' || task.trial" \
    " AND run.sweep = task.sweep AND state IN ('finished', 'failed'))"

static const char *sweep_text(struct arena *a, sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? arena_strdup(a, text) : NULL;
}

int runs_sweep_put(struct runs *r, const struct runs_sweep *s, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO sweep VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT(id)"
                          " DO UPDATE SET config=?4, name=?5, description=?6",
                          &st, err);
    if (rc != 0)
        return rc;
    const char *const texts[] = {s->id, s->entity, s->project, s->config, s->name, s->description};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        store_sql_text(st, (int)i + 1, texts[i]);
    runs_sql_int(st, 7, s->created);
    return store_sql_run(st, err);
}

int runs_sweep_find(struct runs *r, struct arena *a, const char *id, struct runs_sweep *ret,
                    struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, "SELECT id, entity, project, config, name, description, created FROM sweep WHERE id=?",
        &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, id);
    rc = runs_sql_one(st, err, "there is no sweep %.60s", id);
    if (rc != 0)
        return rc;
    const char **const texts[] = {&ret->id,     &ret->entity, &ret->project,
                                  &ret->config, &ret->name,   &ret->description};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = sweep_text(a, st, (int)i);
    ret->created = runs_sql_get_int(st, 6);
    sqlite3_reset(st);
    return 0;
}

int runs_sweep_add_agent(struct runs *r, const struct runs_agent *agent, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "INSERT INTO sweep_agent VALUES(?,?,?,?,?)", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, agent->id);
    store_sql_text(st, 2, agent->sweep);
    store_sql_text(st, 3, agent->host);
    store_sql_text(st, 4, agent->by);
    runs_sql_int(st, 5, agent->created);
    return store_sql_run(st, err);
}

int runs_sweep_find_agent(struct runs *r, struct arena *a, const char *id, struct runs_agent *ret,
                          struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT id, sweep, host, made_by, created FROM sweep_agent WHERE id=?",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, id);
    rc = runs_sql_one(st, err, "there is no agent %.60s of wandb's", id);
    if (rc != 0)
        return rc;
    *ret = (struct runs_agent){sweep_text(a, st, 0), sweep_text(a, st, 1), sweep_text(a, st, 2),
                               sweep_text(a, st, 3), runs_sql_get_int(st, 4)};
    sqlite3_reset(st);
    return 0;
}

int runs_sweep_put_task(struct runs *r, const struct runs_task *t, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO task VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(sweep, trial)"
                          " DO UPDATE SET agent=?3, attempt=?4, base=?5, again=?6",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, t->sweep);
    runs_sql_int(st, 2, t->trial);
    store_sql_text(st, 3, t->agent);
    runs_sql_int(st, 4, t->attempt);
    runs_sql_int(st, 5, t->base);
    runs_sql_int(st, 6, t->again);
    return store_sql_run(st, err);
}

static void task_read(struct arena *a, sqlite3_stmt *st, struct runs_task *ret)
{
    *ret = (struct runs_task){.sweep = sweep_text(a, st, 0),
                              .agent = sweep_text(a, st, 1),
                              .trial = runs_sql_get_int(st, 2),
                              .attempt = runs_sql_get_int(st, 3),
                              .base = runs_sql_get_int(st, 4),
                              .again = runs_sql_get_int(st, 5) != 0,
                              .ended = runs_sql_get_int(st, 6) != 0};
}

int runs_sweep_find_task(struct runs *r, struct arena *a, const char *sweep, int64_t trial,
                         struct runs_task *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc =
        runs_sql_use(r, "SELECT " TASK_COLUMNS " FROM task WHERE sweep=? AND trial=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, sweep);
    runs_sql_int(st, 2, trial);
    rc = runs_sql_one(st, err, "no agent of wandb's was given that trial");
    if (rc != 0)
        return rc;
    task_read(a, st, ret);
    sqlite3_reset(st);
    return 0;
}

int runs_sweep_tasks(struct runs *r, struct arena *a, const char *agent,
                     void (*fn)(void *arg, const struct runs_task *t), void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " TASK_COLUMNS " FROM task WHERE agent=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, agent);
    while ((rc = store_sql_step(st, err)) > 0) {
        struct runs_task t;
        task_read(a, st, &t);
        fn(arg, &t);
    }
    return rc;
}
