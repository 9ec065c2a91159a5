/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_remove.h"

#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/store_schema.h"

enum { SHRINK_PART = 4, SHRINK_PAGES_MIN = 256 };

/* ?1: the sweep's number; ?2, ?3: the first and the last row of its trials; ?4: its id. */
static const char *const drops[] = {
    "DELETE FROM fact WHERE sweep=?4",
    "DELETE FROM chunk WHERE trial BETWEEN ?2 AND ?3",
    "DELETE FROM metric WHERE trial BETWEEN ?2 AND ?3",
    "DELETE FROM rung WHERE trial BETWEEN ?2 AND ?3",
    "DELETE FROM attempt WHERE trial BETWEEN ?2 AND ?3",
    "DELETE FROM tag WHERE thing BETWEEN ?2 AND ?3",
    "DELETE FROM trial WHERE id BETWEEN ?2 AND ?3",
    "DELETE FROM spec WHERE sweep=?1",
    "DELETE FROM sweep WHERE n=?1",
};

static int sweep_find(struct store *s, const char *id, uint64_t *ret_n, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(s->db, &st,
                           "SELECT n, state IN ('finished', 'cancelled') AND NOT EXISTS(SELECT 1"
                           " FROM trial WHERE state IN ('pending', 'running') AND id >> 40 = n)"
                           " FROM sweep WHERE id=?",
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, id);
        rc = store_sql_step(st, err);
    }
    if (rc == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no sweep %s", id);
    else if (rc > 0 && !sqlite3_column_int(st, 1))
        rc = err_set(err, ERR_STATE, "sweep %s has not ended", id);
    else if (rc > 0)
        *ret_n = store_sql_get_u64(st, 0);
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int sweep_drop(struct store *s, uint64_t n, const char *id, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof drops / sizeof *drops; i++) {
        sqlite3_stmt *st = NULL;
        if ((rc = store_sql_use(s->db, &st, drops[i], err)) == 0) {
            sqlite3_bind_int64(st, 1, (int64_t)n); /* ignored without such a parameter */
            sqlite3_bind_int64(st, 2, (int64_t)store_trial_row(n, 0));
            sqlite3_bind_int64(st, 3, (int64_t)store_trial_row(n + 1, 0) - 1);
            sqlite3_bind_text(st, 4, id, -1, SQLITE_STATIC);
            rc = store_sql_run(st, err);
        }
        sqlite3_finalize(st);
    }
    return rc;
}

static int fact_add(struct store *s, const struct fact *f, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_use(s, STORE_ADD_FACT, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, ++s->seq);
    store_sql_u64(st, 2, (uint64_t)f->time_ms);
    store_sql_text(st, 3, fact_kind_name(f->kind));
    store_sql_text(st, 4, f->sweep);
    store_sql_text(st, 7, json_text(&s->scratch, fact_encode(&s->scratch, f), JSON_PYTHON));
    rc = store_sql_run(st, err);
    arena_clear(&s->scratch);
    return rc;
}

/* Records the removal: the sweep's number, its id and the fact's number are never used again. */
static int removal_record(struct store *s, uint64_t n, const char *id, const char *by,
                          int64_t now_ms, struct err *err)
{
    const struct fact removed = {
        .kind = FACT_SWEEP_REMOVED, .time_ms = now_ms, .sweep = id, .n = n};
    const struct fact action = {.kind = FACT_ACTION,
                                .time_ms = now_ms,
                                .sweep = "",
                                .by = by,
                                .address = "this host",
                                .what = "rm",
                                .subject = id};
    int rc = fact_add(s, &removed, err);
    return rc == 0 && by ? fact_add(s, &action, err) : rc;
}

static int sweep_remove(struct store *s, uint64_t n, const char *id, const char *by, int64_t now_ms,
                        struct err *err)
{
    int rc = store_begin(s, err);
    if (rc == 0)
        rc = sweep_drop(s, n, id, err);
    if (rc == 0)
        rc = removal_record(s, n, id, by, now_ms, err);
    if (rc == 0)
        rc = store_write_check_file(s, err);
    return rc == 0 ? store_end(s, err) : rc;
}

int store_remove(struct store *s, const char *id, const char *by, int64_t now_ms, struct err *err)
{
    struct err why = {0};
    uint64_t n = 0;
    int rc = store_refuse(s, err);
    PRE(!s->batch && !s->rows_only);
    if (rc == 0)
        rc = sweep_find(s, id, &n, err);
    if (rc == 0 && sweep_remove(s, n, id, by, now_ms, &why) < 0) {
        rc = store_fail(s, &why);
        err_set(err, rc, "%s", why.text);
    }
    return rc;
}

bool store_remove_was(struct store *s, const char *id)
{
    return store_schema_was_removed(s->db, id);
}

bool store_remove_keeps(struct store *s, const char *snapshot)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(s->db, &st, "SELECT 1 FROM sweep WHERE snapshot = ?1", NULL);
    if (rc == 0) {
        store_sql_text(st, 1, snapshot);
        rc = store_sql_step(st, NULL);
    }
    sqlite3_finalize(st);
    return rc != 0; /* after an error too */
}

/* VACUUM rewrites the whole file, which a few pages do not justify: the next facts will fill them.
 * Its temporary data may exceed memory, so they go into a file. */
void store_remove_shrink(struct store *s)
{
    int64_t pages = 0, unused = 0;
    if (s->failed || store_schema_number(s->db, "PRAGMA page_count", &pages, NULL) < 0 ||
        store_schema_number(s->db, "PRAGMA freelist_count", &unused, NULL) < 0)
        return;
    if (unused < SHRINK_PAGES_MIN || unused < pages / SHRINK_PART)
        return;
    sqlite3_exec(s->db, "PRAGMA temp_store=FILE; VACUUM", NULL, NULL, NULL);
}
