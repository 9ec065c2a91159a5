/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_collection.h"

#include <string.h>

#include "orchestrator/runs/runs_sql.h"

#define COLLECTIONS " FROM collection c JOIN project p ON p.n=c.project "

void runs_collection_read(struct arena *a, sqlite3_stmt *st, struct runs_collection *ret)
{
    *ret = (struct runs_collection){.n = runs_sql_get_int(st, 0),
                                    .project_n = runs_sql_get_int(st, 1),
                                    .entity = runs_sql_copy_text(a, st, 2),
                                    .project = runs_sql_copy_text(a, st, 3),
                                    .type = runs_sql_copy_text(a, st, 4),
                                    .name = runs_sql_copy_text(a, st, 5),
                                    .description = runs_sql_copy_text(a, st, 6),
                                    .created = runs_sql_get_int(st, 7),
                                    .versions = runs_sql_get_int(st, 8)};
}

static int collection_take(struct arena *a, sqlite3_stmt *st, struct runs_collection *ret,
                           struct err *err)
{
    int rc = runs_sql_one(st, err, "there is no such collection of artifacts");
    if (rc != 0)
        return rc;
    runs_collection_read(a, st, ret);
    sqlite3_reset(st);
    return 0;
}

int runs_collection_find(struct runs *r, struct arena *a, const char *entity, const char *project,
                         const char *name, struct runs_collection *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT " RUNS_COLLECTION_COLUMNS COLLECTIONS
                          "WHERE p.entity=? AND p.name=? AND c.name=?",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    store_sql_text(st, 3, name);
    return collection_take(a, st, ret, err);
}

int runs_collection_get(struct runs *r, struct arena *a, int64_t n, struct runs_collection *ret,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " RUNS_COLLECTION_COLUMNS COLLECTIONS "WHERE c.n=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return collection_take(a, st, ret, err);
}

static int project_need(struct runs *r, const char *entity, const char *project, int64_t now,
                        int64_t *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO project(entity, name, created, runs) VALUES(?,?,?,0)"
                          " ON CONFLICT(entity, name) DO UPDATE SET runs=runs RETURNING n",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    runs_sql_int(st, 3, now);
    rc = store_sql_step(st, err);
    if (rc > 0)
        *ret = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_collection_make(struct runs *r, struct arena *a, const char *entity, const char *project,
                         const char *type, const char *name, int64_t now,
                         struct runs_collection *ret, struct err *err)
{
    struct err none = {0};
    sqlite3_stmt *st;
    int64_t project_n = 0;
    int rc = runs_collection_find(r, a, entity, project, name, ret, &none);
    if (rc == 0 && strcmp(ret->type, type) != 0)
        return err_set(err, ERR_STATE, "the artifact %s has type %s, not %s", name, ret->type,
                       type);
    if (rc != ERR_NOT_FOUND)
        return rc ? err_set(err, rc, "%s", none.text) : 0;
    rc = project_need(r, entity, project, now, &project_n, err);
    if (rc == 0)
        rc = runs_sql_use(
            r, "INSERT INTO collection(project, type, name, created, versions) VALUES(?,?,?,?,0)",
            &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, project_n);
    store_sql_text(st, 2, type);
    store_sql_text(st, 3, name);
    runs_sql_int(st, 4, now);
    rc = store_sql_run(st, err);
    return rc ? rc : runs_collection_get(r, a, runs_sql_last_row(r), ret, err);
}

int runs_collection_list(struct runs *r, struct arena *a, const char *entity, const char *project,
                         const char *type, void (*fn)(void *arg, const struct runs_collection *c),
                         void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT " RUNS_COLLECTION_COLUMNS COLLECTIONS
                          "WHERE p.entity=?1 AND p.name=?2 AND (?3 IS NULL OR c.type=?3)"
                          " ORDER BY c.name",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, entity);
    store_sql_text(st, 2, project);
    store_sql_text(st, 3, type);
    while ((rc = store_sql_step(st, err)) > 0) {
        struct runs_collection c;
        runs_collection_read(a, st, &c);
        fn(arg, &c);
    }
    return rc;
}

int runs_collection_put(struct runs *r, const struct runs_collection *c, struct err *err)
{
    sqlite3_stmt *st;
    int rc =
        runs_sql_use(r, "UPDATE collection SET type=?, name=?, description=? WHERE n=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, c->type);
    store_sql_text(st, 2, c->name);
    store_sql_text(st, 3, c->description);
    runs_sql_int(st, 4, c->n);
    return store_sql_run(st, err);
}

int runs_collection_drop(struct runs *r, int64_t n, struct err *err)
{
#define OF "(SELECT n FROM artifact WHERE collection=?)"
    static const char *const sqls[] = {"DELETE FROM file WHERE kind IN (1,2) AND owner IN " OF,
                                       "DELETE FROM artifact_client WHERE artifact IN " OF,
                                       "DELETE FROM artifact_use WHERE artifact IN " OF,
                                       "DELETE FROM alias WHERE collection=?",
                                       "DELETE FROM artifact WHERE collection=?",
                                       "DELETE FROM collection WHERE n=?",
                                       NULL};
    return runs_sql_run_all(r, sqls, n, err);
}
