/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_page.h"

#include "orchestrator/runs/runs_sql.h"

#define COLUMNS "id, kind, sweep, name, made_by, changed_by, made, changed, revision"

int runs_page_put(struct runs *r, const struct runs_page *p, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, "INSERT OR REPLACE INTO page(" COLUMNS ", body) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
        &st, err);
    if (rc != 0)
        return rc;
    const char *const texts[] = {p->id, p->kind, p->sweep, p->name, p->made_by, p->changed_by};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        store_sql_text(st, (int)i + 1, texts[i]);
    runs_sql_int(st, 7, p->made);
    runs_sql_int(st, 8, p->changed);
    runs_sql_int(st, 9, p->revision);
    store_sql_text(st, 10, p->body);
    return store_sql_run(st, err);
}

static struct runs_page page_of(sqlite3_stmt *st)
{
    return (struct runs_page){.id = store_sql_get_text(st, 0),
                              .kind = store_sql_get_text(st, 1),
                              .sweep = store_sql_get_text(st, 2),
                              .name = store_sql_get_text(st, 3),
                              .made_by = store_sql_get_text(st, 4),
                              .changed_by = store_sql_get_text(st, 5),
                              .made = runs_sql_get_int(st, 6),
                              .changed = runs_sql_get_int(st, 7),
                              .revision = runs_sql_get_int(st, 8),
                              .body = store_sql_get_text_or_null(st, 9)};
}

int runs_page_find(struct runs *r, struct arena *a, const char *kind, const char *id,
                   struct runs_page *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT " COLUMNS ", body FROM page WHERE kind=? AND id=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, kind);
    store_sql_text(st, 2, id);
    rc = runs_sql_one(st, err, "there is no %s %.60s", kind, id);
    if (rc != 0)
        return rc;
    *ret = page_of(st);
    const char **const texts[] = {&ret->id,      &ret->kind,       &ret->sweep, &ret->name,
                                  &ret->made_by, &ret->changed_by, &ret->body};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = arena_strdup(a, *texts[i] ? *texts[i] : "");
    sqlite3_reset(st);
    return 0;
}

int runs_page_remove(struct runs *r, const char *kind, const char *id, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "DELETE FROM page WHERE kind=? AND id=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, kind);
    store_sql_text(st, 2, id);
    return store_sql_run(st, err);
}

int runs_page_count(struct runs *r, const char *kind, int64_t *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT count(*) FROM page WHERE kind=?", &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, kind);
    rc = store_sql_step(st, err);
    if (rc < 0)
        return rc;
    *ret = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return 0;
}

int runs_page_read(struct runs *r, const char *kind, bool whole,
                   void (*fn)(void *arg, const struct runs_page *p), void *arg, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "SELECT " COLUMNS ", CASE WHEN ?2 THEN body END FROM page WHERE kind=?1"
                          " ORDER BY name, id",
                          &st, err);
    if (rc != 0)
        return rc;
    store_sql_text(st, 1, kind);
    runs_sql_int(st, 2, whole);
    while ((rc = store_sql_step(st, err)) > 0) {
        const struct runs_page p = page_of(st);
        fn(arg, &p);
    }
    return rc;
}
