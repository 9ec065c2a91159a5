/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/runs/runs_file.h"

#include <string.h>

#include "orchestrator/runs/runs_sql.h"

#define SELECT "SELECT n, kind, owner, name, hash, size, md5, updated FROM file "

int runs_file_put(struct runs *r, struct runs_file *f, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r,
                          "INSERT INTO file(kind, owner, name, hash, size, md5, updated)"
                          " VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT(kind, owner, name)"
                          " DO UPDATE SET hash=?4, size=?5, md5=?6, updated=?7 RETURNING n",
                          &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, f->kind);
    runs_sql_int(st, 2, f->owner);
    store_sql_text(st, 3, f->name);
    store_sql_text(st, 4, f->hash);
    runs_sql_int(st, 5, f->size);
    if (f->has_md5)
        runs_sql_blob(st, 6, f->md5, sizeof f->md5);
    runs_sql_int(st, 7, f->updated);
    rc = store_sql_step(st, err);
    if (rc > 0)
        f->n = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

static void file_read(struct arena *a, sqlite3_stmt *st, struct runs_file *ret)
{
    const char *hash = store_sql_get_text_or_null(st, 4);
    const void *md5 = sqlite3_column_blob(st, 6);
    *ret = (struct runs_file){.n = runs_sql_get_int(st, 0),
                              .kind = (enum runs_file_kind)runs_sql_get_int(st, 1),
                              .owner = runs_sql_get_int(st, 2),
                              .name = arena_strdup(a, store_sql_get_text(st, 3)),
                              .hash = hash ? arena_strdup(a, hash) : NULL,
                              .size = runs_sql_get_int(st, 5),
                              .updated = runs_sql_get_int(st, 7)};
    ret->has_md5 = md5 && sqlite3_column_bytes(st, 6) == RUNS_FILE_MD5_BYTES;
    if (ret->has_md5)
        memcpy(ret->md5, md5, RUNS_FILE_MD5_BYTES);
}

static int file_take(struct arena *a, sqlite3_stmt *st, struct runs_file *ret, struct err *err)
{
    int rc = runs_sql_one(st, err, "there is no such file");
    if (rc != 0)
        return rc;
    file_read(a, st, ret);
    sqlite3_reset(st);
    return 0;
}

int runs_file_find(struct runs *r, struct arena *a, enum runs_file_kind kind, int64_t owner,
                   const char *name, struct runs_file *ret, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, SELECT "WHERE kind=? AND owner=? AND name=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, kind);
    runs_sql_int(st, 2, owner);
    store_sql_text(st, 3, name);
    return file_take(a, st, ret, err);
}

int runs_file_get(struct runs *r, struct arena *a, int64_t n, struct runs_file *ret,
                  struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, SELECT "WHERE n=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return file_take(a, st, ret, err);
}

int runs_file_find_md5(struct runs *r, struct arena *a,
                       const unsigned char md5[RUNS_FILE_MD5_BYTES], struct runs_file *ret,
                       struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, SELECT "WHERE md5=? AND md5 IS NOT NULL AND kind=1 AND hash IS NOT NULL LIMIT 1", &st,
        err);
    if (rc != 0)
        return rc;
    runs_sql_blob(st, 1, md5, RUNS_FILE_MD5_BYTES);
    return file_take(a, st, ret, err);
}

int runs_file_list(struct runs *r, struct arena *a, enum runs_file_kind kind, int64_t owner,
                   const char *after, bool (*fn)(void *arg, const struct runs_file *f), void *arg,
                   struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, SELECT "WHERE kind=? AND owner=? AND name>? AND hash IS NOT NULL ORDER BY name", &st,
        err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, kind);
    runs_sql_int(st, 2, owner);
    store_sql_text(st, 3, after);
    while ((rc = store_sql_step(st, err)) > 0) {
        struct runs_file f;
        file_read(a, st, &f);
        if (!fn(arg, &f))
            break;
    }
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_file_count(struct runs *r, enum runs_file_kind kind, int64_t owner, int64_t *ret,
                    struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(
        r, "SELECT count(*) FROM file WHERE kind=? AND owner=? AND hash IS NOT NULL", &st, err);
    *ret = 0;
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, kind);
    runs_sql_int(st, 2, owner);
    rc = store_sql_step(st, err);
    if (rc > 0)
        *ret = runs_sql_get_int(st, 0);
    sqlite3_reset(st);
    return rc < 0 ? rc : 0;
}

int runs_file_drop(struct runs *r, int64_t n, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "DELETE FROM file WHERE n=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, n);
    return store_sql_run(st, err);
}

int runs_file_drop_of(struct runs *r, enum runs_file_kind kind, int64_t owner, struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "DELETE FROM file WHERE kind=? AND owner=?", &st, err);
    if (rc != 0)
        return rc;
    runs_sql_int(st, 1, kind);
    runs_sql_int(st, 2, owner);
    return store_sql_run(st, err);
}

int runs_file_each_hash(struct runs *r, void (*fn)(void *arg, const char *hash), void *arg,
                        struct err *err)
{
    sqlite3_stmt *st;
    int rc = runs_sql_use(r, "SELECT DISTINCT hash FROM file WHERE hash IS NOT NULL", &st, err);
    if (rc != 0)
        return rc;
    while ((rc = store_sql_step(st, err)) > 0)
        fn(arg, store_sql_get_text(st, 0));
    return rc;
}
