/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_artifact.h"

#include <stdlib.h>
#include <string.h>

#include "orchestrator/runs/runs_sql.h"

#define COLUMNS                                                             \
    RUNS_COLLECTION_COLUMNS                                                 \
    ", a.n, a.version, a.state, a.digest, a.client, a.distributed,"         \
    " a.description, a.metadata, a.run, a.base, a.step, a.tags, a.aliases," \
    " a.manifest, a.manifest_size, a.size, a.files, a.created, a.updated"
#define FROM \
    " FROM artifact a JOIN collection c ON c.n=a.collection JOIN project p ON p.n=c.project "
#define GIVEN "a.state='COMMITTED' AND "

static const char *const states[RUNS_ARTIFACT_STATE_COUNT] = {
#define X(id, name) [id] = name,
    RUNS_ARTIFACT_STATES(X)
#undef X
};

const char *runs_artifact_state_name(enum runs_artifact_state state)
{
    return states[state];
}

static void artifact_read(struct arena *a, sqlite3_stmt *st, struct runs_artifact *ret)
{
    const char *state = store_sql_get_text(st, 11);
    *ret = (struct runs_artifact){.n = runs_sql_get_int(st, 9)};
    runs_collection_read(a, st, &ret->collection);
    ret->version = store_sql_is_null(st, 10) ? -1 : runs_sql_get_int(st, 10);
    ret->state = strcmp(state, states[RUNS_ARTIFACT_COMMITTED]) == 0 ? RUNS_ARTIFACT_COMMITTED
                                                                     : RUNS_ARTIFACT_PENDING;
    ret->digest = runs_sql_copy_text(a, st, 12);
    ret->client = runs_sql_copy_text(a, st, 13);
    ret->distributed = runs_sql_copy_text(a, st, 14);
    ret->description = runs_sql_copy_text(a, st, 15);
    ret->metadata = runs_sql_copy_text(a, st, 16);
    ret->run = runs_sql_get_int(st, 17);
    ret->base = runs_sql_get_int(st, 18);
    ret->step = store_sql_is_null(st, 19) ? -1 : runs_sql_get_int(st, 19);
    ret->tags = runs_sql_copy_text(a, st, 20);
    ret->aliases = runs_sql_copy_text(a, st, 21);
    ret->manifest = runs_sql_copy_text(a, st, 22);
    ret->manifest_size = runs_sql_get_int(st, 23);
    ret->size = runs_sql_get_int(st, 24);
    ret->files = runs_sql_get_int(st, 25);
    ret->created = runs_sql_get_int(st, 26);
    ret->updated = runs_sql_get_int(st, 27);
}

static int artifact_take(struct arena *a, sqlite3_stmt *st, struct runs_artifact *ret,
                         struct err *err)
{
    int rc = runs_sql_one(st, err, "there is no such artifact");
    if (rc != 0)
        return rc;
    artifact_read(a, st, ret);
    sqlite3_reset(st);
    return 0;
}

int runs_artifact_drop(struct runs *r, int64_t n, struct err *err)
{
    static const char *const sqls[] = {"DELETE FROM file WHERE kind IN (1,2) AND owner=?",
                                       "DELETE FROM artifact_client WHERE artifact=?",
                                       "DELETE FROM artifact_use WHERE artifact=?",
                                       "DELETE FROM alias WHERE artifact=?",
                                       "DELETE FROM artifact WHERE n=?",
                                       NULL};
    return runs_sql_run_all(r, sqls, n, err);
}

int runs_artifact_drop_stale(struct runs *r, int64_t collection, int64_t before, struct err *err)
{
    sqlite3_stmt *st;
    int64_t n = 0;
    int rc = runs_sql_use(r,
                          "SELECT n FROM artifact WHERE collection=? AND state='PENDING'"
                          " AND updated<? LIMIT 1",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, collection);
    runs_sql_int(st, 2, before);
    rc = store_sql_step(st, err);
    if (rc > 0)
        n = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc > 0 ? runs_artifact_drop(r, n, err) : rc;
}

/* Parameters 1 to 18. */
static void artifact_bind(sqlite3_stmt *st, const struct runs_artifact *v)
{
    const char *const texts[] = {states[v->state], v->digest,      v->client,
                                 v->distributed,   v->description, v->metadata,
                                 v->tags,          v->aliases,     v->manifest};
    const int64_t numbers[] = {v->manifest_size, v->size, v->files, v->created, v->updated};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        store_sql_text(st, (int)i + 1, texts[i]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        runs_sql_int(st, (int)i + 10, numbers[i]);
    if (v->version >= 0)
        runs_sql_int(st, 15, v->version);
    if (v->run > 0)
        runs_sql_int(st, 16, v->run);
    if (v->base > 0)
        runs_sql_int(st, 17, v->base);
    if (v->step >= 0)
        runs_sql_int(st, 18, v->step);
}

int runs_artifact_add(struct runs *r, struct runs_artifact *v, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO artifact(state, digest, client, distributed, description,"
                          " metadata, tags, aliases, manifest, manifest_size, size, files, created,"
                          " updated, version, run, base, step, collection)"
                          " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                          &st, err);
    if (rc != 0)
        return rc;
    artifact_bind(st, v);
    runs_sql_int(st, 19, v->collection.n);
    rc = store_sql_run(st, err);
    v->n = rc == 0 ? runs_sql_last_row(r) : 0;
    return rc;
}

int runs_artifact_put(struct runs *r, const struct runs_artifact *v, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "UPDATE artifact SET state=?1, digest=?2, client=?3, distributed=?4,"
                          " description=?5, metadata=?6, tags=?7, aliases=?8, manifest=?9,"
                          " manifest_size=?10, size=?11, files=?12, created=?13, updated=?14,"
                          " version=?15, run=?16, base=?17, step=?18 WHERE n=?19",
                          &st, err);
    if (rc != 0)
        return rc;
    artifact_bind(st, v);
    runs_sql_int(st, 19, v->n);
    return store_sql_run(st, err);
}

int runs_artifact_number(struct runs *r, struct runs_artifact *v, struct err *err)
{
    v->version = v->collection.versions++;
    return runs_sql_run_with(r, "UPDATE collection SET versions=versions+1 WHERE n=?",
                             v->collection.n, err);
}

int runs_artifact_get(struct runs *r, struct arena *a, int64_t n, struct runs_artifact *ret,
                      struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " COLUMNS FROM "WHERE a.n=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return artifact_take(a, st, ret, err);
}

static int find_by_text(struct runs *r, struct arena *a, const char *sql, int64_t collection,
                        const char *text, struct runs_artifact *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, sql, &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, collection);
    store_sql_text(st, 2, text);
    return artifact_take(a, st, ret, err);
}

/* "v3" is version 3, whether or not somebody has given that alias away. */
int runs_artifact_find(struct runs *r, struct arena *a, int64_t collection, const char *alias,
                       struct runs_artifact *ret, struct err *err)
{
    size_t digits = alias[0] == 'v' ? strspn(alias + 1, "0123456789") : 0;
    if (digits == 0 || digits > 9 || alias[1 + digits])
        return find_by_text(r, a,
                            "SELECT " COLUMNS FROM "WHERE " GIVEN "a.n=(SELECT artifact FROM alias"
                            " WHERE collection=? AND alias=?)",
                            collection, alias, ret, err);
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " COLUMNS FROM "WHERE " GIVEN "a.collection=? AND a.version=?",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, collection);
    runs_sql_int(st, 2, strtoll(alias + 1, NULL, 10));
    return artifact_take(a, st, ret, err);
}

int runs_artifact_find_digest(struct runs *r, struct arena *a, int64_t collection,
                              const char *digest, struct runs_artifact *ret, struct err *err)
{
    return find_by_text(r, a,
                        "SELECT " COLUMNS FROM "WHERE " GIVEN "a.collection=? AND a.digest=?"
                        " ORDER BY a.version DESC LIMIT 1",
                        collection, digest, ret, err);
}

int runs_artifact_find_distributed(struct runs *r, struct arena *a, int64_t collection,
                                   const char *id, struct runs_artifact *ret, struct err *err)
{
    return find_by_text(r, a,
                        "SELECT " COLUMNS FROM "WHERE a.collection=? AND a.distributed=?"
                        " AND a.state='PENDING' ORDER BY a.n DESC LIMIT 1",
                        collection, id, ret, err);
}

int runs_artifact_find_client(struct runs *r, struct arena *a, const char *client,
                              struct runs_artifact *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, "SELECT " COLUMNS FROM "JOIN artifact_client t ON t.artifact=a.n WHERE t.client=?", &st,
        err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, client);
    return artifact_take(a, st, ret, err);
}

int runs_artifact_put_client(struct runs *r, const char *client, int64_t n, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "INSERT OR REPLACE INTO artifact_client VALUES(?,?)", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, client);
    runs_sql_int(st, 2, n);
    return store_sql_run(st, err);
}

#define USED "a.n IN (SELECT artifact FROM artifact_use WHERE run=?1)"
static const char *const list_wheres[][2] = {
    [RUNS_ARTIFACT_VERSIONS] = {"SELECT " COLUMNS FROM "WHERE " GIVEN
                                "a.collection=?1 AND (?2=0 OR a.n<?2) ORDER BY a.n DESC",
                                "SELECT count(*) FROM artifact a WHERE " GIVEN "a.collection=?1"},
    [RUNS_ARTIFACT_OUTPUTS] = {"SELECT " COLUMNS FROM "WHERE " GIVEN
                               "a.run=?1 AND a.n>?2 ORDER BY a.n",
                               "SELECT count(*) FROM artifact a WHERE " GIVEN "a.run=?1"},
    [RUNS_ARTIFACT_INPUTS] = {"SELECT " COLUMNS FROM "WHERE " GIVEN USED " AND a.n>?2 ORDER BY a.n",
                              "SELECT count(*) FROM artifact a WHERE " GIVEN USED},
};

int runs_artifact_list(struct runs *r, struct arena *a, enum runs_artifact_list which, int64_t of,
                       int64_t after, bool (*fn)(void *arg, const struct runs_artifact *v),
                       void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, list_wheres[which][0], &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, of);
    runs_sql_int(st, 2, after);
    while ((rc = store_sql_step(st, err)) > 0) {
        struct runs_artifact v;
        artifact_read(a, st, &v);
        if (!fn(arg, &v))
            break;
    }
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_artifact_count(struct runs *r, enum runs_artifact_list which, int64_t of, int64_t *ret,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, list_wheres[which][1], &st, err);
    *ret = 0;
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, of);
    rc = store_sql_step(st, err);
    if (rc > 0)
        *ret = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_artifact_use(struct runs *r, int64_t artifact, int64_t run, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "INSERT OR IGNORE INTO artifact_use VALUES(?,?)", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, artifact);
    runs_sql_int(st, 2, run);
    return store_sql_run(st, err);
}

int runs_artifact_users(struct runs *r, int64_t artifact, void (*fn)(void *arg, int64_t run),
                        void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc =
        runs_sql_use(r, "SELECT run FROM artifact_use WHERE artifact=? ORDER BY run", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, artifact);
    while ((rc = store_sql_step(st, err)) > 0)
        fn(arg, runs_sql_get_int(st, 0));
    return rc;
}

int runs_artifact_alias_put(struct runs *r, int64_t collection, const char *alias, int64_t artifact,
                            struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "INSERT OR REPLACE INTO alias VALUES(?,?,?)", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, collection);
    store_sql_text(st, 2, alias);
    runs_sql_int(st, 3, artifact);
    return store_sql_run(st, err);
}

int runs_artifact_alias_drop(struct runs *r, int64_t collection, const char *alias,
                             int64_t artifact, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "DELETE FROM alias WHERE collection=? AND alias=? AND artifact=?", &st,
                          err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, collection);
    store_sql_text(st, 2, alias);
    runs_sql_int(st, 3, artifact);
    return store_sql_run(st, err);
}

int runs_artifact_aliases(struct runs *r, int64_t of, bool all,
                          void (*fn)(void *arg, const char *alias), void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          all ? "SELECT alias FROM alias WHERE collection=? ORDER BY alias"
                              : "SELECT alias FROM alias WHERE artifact=? ORDER BY alias",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, of);
    while ((rc = store_sql_step(st, err)) > 0)
        fn(arg, store_sql_get_text(st, 0));
    return rc;
}
