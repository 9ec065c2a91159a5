/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/curves/view_rungs.h"

#include <inttypes.h>
#include <string.h>

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

#define VALUES                                                           \
    "SELECT trial & ((1 << 40) - 1), value FROM rung"                    \
    " JOIN sweep s ON trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1" \
    " WHERE s.id = ?1 AND iterations = ?2 ORDER BY trial"

static const struct value *column_find(const struct value *doc, const char *name)
{
    const struct value *columns = value_get(doc, "columns");
    for (size_t i = 0; columns && columns->kind == VALUE_LIST && i < columns->list.n; i++)
        if (strcmp(value_get_str(columns->list.items[i], "name", ""), name) == 0)
            return value_get(columns->list.items[i], "values");
    return NULL;
}

/* From the columns of a controller elsewhere (view_arrays.h). */
static int values_ask(struct view *v, const char *sweep, uint64_t rung, view_rung_fn fn, void *arg,
                      struct err *err)
{
    struct arena a;
    struct value *doc = NULL;
    arena_init(&a);
    const char *name = arena_printf(&a, "rung.%" PRIu64, rung);
    int rc = v->remote->get(v->remote, &a,
                            arena_printf(&a, "sweeps/%s/columns?cols=number,%s", sweep, name), &doc,
                            err);
    const struct value *numbers = rc == 0 ? column_find(doc, "number") : NULL;
    const struct value *values = rc == 0 ? column_find(doc, name) : NULL;
    bool whole = numbers && values && numbers->kind == VALUE_LIST && values->kind == VALUE_LIST &&
                 numbers->list.n == values->list.n;
    for (size_t i = 0; whole && i < values->list.n; i++) {
        const struct value *number = numbers->list.items[i], *value = values->list.items[i];
        if (number->kind == VALUE_INT && number->i >= 0 && value_is_number(value))
            fn(arg, (uint64_t)number->i, value_number(value));
    }
    arena_done(&a);
    return rc;
}

int view_rung_values(struct view *v, const char *sweep, uint64_t rung, view_rung_fn fn, void *arg,
                     struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (v->remote)
        return values_ask(v, sweep, rung, fn, arg, err);
    int rc = store_sql_use(v->db, &st, VALUES, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, rung);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        fn(arg, store_sql_get_u64(st, 0), store_sql_get_number(st, 1));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int view_rungs(struct view *v, struct arena *a, const char *sweep, const struct spec *spec,
               struct value **ret, struct err *err)
{
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s/rungs", sweep), ret, err);
    *ret = value_list(a);
    for (size_t i = 0; spec && i < spec->early_terminate.bands_n; i++)
        rung_of(a, *ret, spec->early_terminate.bands[i]);
    int rc = reached_read(v, a, sweep, *ret, err);
    return rc < 0 ? rc : stopped_read(v, a, sweep, *ret, err);
}
