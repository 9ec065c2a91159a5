/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_rungs.h"

#include "orchestrator/view/view_row.h"

static struct value *rung_of(struct arena *a, struct value *list, int64_t iterations)
{
    for (size_t i = 0; i < list->list.n; i++)
        if (value_get_int(list->list.items[i], "rung", -1) == iterations)
            return list->list.items[i];
    struct value *rung = value_dict(a);
    value_put(a, rung, "rung", value_int(a, iterations));
    value_put(a, rung, "trials", value_int(a, 0));
    value_put(a, rung, "stopped", value_int(a, 0));
    value_put(a, rung, "threshold", value_null(a));
    value_push(a, list, rung);
    return rung;
}

/* With max() over `trials`, the threshold is of the row with the most: SQLite says so of bare columns. */
#define REACHED                                                          \
    "SELECT iterations, count(*), threshold, max(trials) FROM rung"      \
    " JOIN sweep s ON trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1" \
    " WHERE s.id = ? GROUP BY iterations ORDER BY iterations"
#define STOPPED                                                              \
    "SELECT json_extract(stop_why, '$.rung') AS rung, count(*) FROM attempt" \
    " JOIN sweep s ON trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"     \
    " WHERE s.id = ? AND stop_why IS NOT NULL GROUP BY rung"

static int reached_read(struct view *v, struct arena *a, const char *sweep, struct value *list,
                        struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, REACHED, err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *rung = rung_of(a, list, (int64_t)store_sql_get_u64(st, 0));
        value_put(a, rung, "trials", view_row_int(a, st, 1));
        if (!store_sql_is_null(st, 2))
            value_put(a, rung, "threshold", value_float(a, store_sql_get_number(st, 2)));
    }
    sqlite3_finalize(st);
    return rc;
}

static int stopped_read(struct view *v, struct arena *a, const char *sweep, struct value *list,
                        struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, STOPPED, err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        if (!store_sql_is_null(st, 0))
            value_put(a, rung_of(a, list, (int64_t)store_sql_get_u64(st, 0)), "stopped",
                      view_row_int(a, st, 1));
    sqlite3_finalize(st);
    return rc;
}

int view_rungs(struct view *v, struct arena *a, const char *sweep, const struct spec *spec,
               struct value **ret, struct err *err)
{
    *ret = value_list(a);
    for (size_t i = 0; spec && i < spec->early_terminate.bands_n; i++)
        rung_of(a, *ret, spec->early_terminate.bands[i]);
    int rc = reached_read(v, a, sweep, *ret, err);
    return rc < 0 ? rc : stopped_read(v, a, sweep, *ret, err);
}
