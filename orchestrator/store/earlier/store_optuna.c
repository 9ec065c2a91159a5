/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/earlier/store_optuna.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "orchestrator/store/earlier/store_borrow.h"
#include "sweep/trial.h"

enum { STUDIES_SHOWN = 5 };
/* Steps of SQLite between two looks, and looks after which a file is refused: some seconds. A
 * study of 100,000 trials takes a tenth of them. */
enum { STEPS = 1000000, LOOKS_MAX = 200 };

struct optuna {
    sqlite3 *db;
    struct earlier *e;
    sqlite3_stmt *params, *value, *last;
    unsigned looks;
};

/* Whether to end the query. */
static int query_look(void *arg)
{
    struct optuna *o = arg;
    return ++o->looks > LOOKS_MAX;
}

/* A view could run for ever, and give what no table can. */
static int tables_check(struct optuna *o, struct err *err)
{
    sqlite3_stmt *st = NULL;
    uint64_t n = 0;
    int rc = store_sql_use(o->db, &st,
                           "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN"
                           " ('studies', 'study_directions', 'trials', 'trial_params',"
                           " 'trial_values', 'trial_intermediate_values')"
                           " AND sql NOT LIKE 'CREATE VIRTUAL%'",
                           err);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0)
        n = store_sql_get_u64(st, 0);
    sqlite3_finalize(st);
    if (rc < 0)
        return rc;
    return n == 6 ? 0
                  : err_set(err, ERR_USAGE,
                            "it is an SQLite database, but not one of Optuna: that has the tables "
                            "studies, trials and trial_params");
}

/* Chooses the study. */
static int study_find(struct optuna *o, const char *wanted, uint64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    const char *names = "";
    size_t n = 0, found = 0;
    int rc = store_sql_use(o->db, &st, "SELECT study_id, study_name FROM studies ORDER BY study_id",
                           err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *name = store_sql_get_text(st, 1);
        if (n++ < STUDIES_SHOWN)
            names = arena_printf(o->e->arena, "%s%s%.100s", names, *names ? ", " : "", name);
        if (wanted && strcmp(wanted, name) != 0)
            continue;
        if (found++ > 0)
            continue;
        *ret = store_sql_get_u64(st, 0);
        o->e->name = arena_strdup(o->e->arena, name);
    }
    sqlite3_finalize(st);
    if (rc < 0)
        return rc;
    if (found > 1)
        return err_set(err, ERR_USAGE, "it has %zu studies: name one with --study NAME (%s)", n,
                       names);
    return found == 1 ? 0
                      : err_set(err, ERR_NOT_FOUND, "it has no study %s%s%s", wanted ? wanted : "",
                                *names ? "; its studies are " : "", names);
}

static int goal_read(struct optuna *o, uint64_t study, struct err *err)
{
    sqlite3_stmt *st = NULL;
    size_t n = 0;
    int rc = store_sql_use(
        o->db, &st, "SELECT direction FROM study_directions WHERE study_id = ?1 ORDER BY objective",
        err);
    if (rc == 0)
        store_sql_u64(st, 1, study);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        if (n++ == 0)
            o->e->maximize = strcmp(store_sql_get_text(st, 0), "MAXIMIZE") == 0;
    sqlite3_finalize(st);
    if (rc >= 0 && n > 1)
        return err_set(err, ERR_UNSUPPORTED, "the study has %zu objectives; import supports one",
                       n);
    return rc < 0 ? rc : 0;
}

static int params_read(struct optuna *o, uint64_t trial, struct value *params, const char **ret_why,
                       struct err *err)
{
    struct arena *a = &o->e->scratch;
    int rc = store_sql_use(o->db, &o->params,
                           "SELECT param_name, param_value, distribution_json FROM trial_params"
                           " WHERE trial_id = ?1 ORDER BY param_id",
                           err);
    if (rc == 0)
        store_sql_u64(o->params, 1, trial);
    while (rc >= 0 && (rc = store_sql_step(o->params, err)) > 0) {
        const char *name = store_sql_get_text(o->params, 0), *why = "is none of its choices";
        const struct earlier_range *range =
            earlier_range_read(&o->e->ranges, name, store_sql_get_text(o->params, 2), &why);
        struct value *v =
            range ? earlier_range_value(range, a, sqlite3_column_double(o->params, 1)) : NULL;
        if (v)
            value_put(a, params, range->name, v);
        else if (!*ret_why)
            *ret_why = arena_printf(a, "%.100s %s", name, why);
    }
    return rc < 0 ? rc : 0;
}

/* The first number of a query about a trial, with its type: FINITE, INF_POS, INF_NEG or NAN. */
static int number_read(struct optuna *o, sqlite3_stmt **slot, const char *sql, uint64_t trial,
                       struct value **ret, struct err *err)
{
    int rc = store_sql_use(o->db, slot, sql, err);
    if (rc != 0 || *ret)
        return rc;
    store_sql_u64(*slot, 1, trial);
    if ((rc = store_sql_step(*slot, err)) <= 0)
        return rc;
    const char *type = store_sql_get_text(*slot, 1);
    if (strcmp(type, "FINITE") != 0)
        *ret = value_float(&o->e->scratch, strcmp(type, "INF_POS") == 0   ? INFINITY
                                           : strcmp(type, "INF_NEG") == 0 ? -INFINITY
                                                                          : NAN);
    else if (!store_sql_is_null(*slot, 0))
        *ret = value_float(&o->e->scratch, sqlite3_column_double(*slot, 0));
    return 0;
}

static int trial_read(struct optuna *o, uint64_t trial, size_t number, const char *state,
                      struct err *err)
{
    struct arena *a = &o->e->scratch;
    arena_clear(a);
    struct value *value = NULL;
    const char *why = NULL;
    struct earlier_row row = {.line = number,
                              .params = value_dict(a),
                              .metrics = value_dict(a),
                              .state = earlier_state(state)};
    if (row.state < 0) {
        earlier_fault(o->e, number, "it has not ended");
        return 0;
    }
    int rc = params_read(o, trial, row.params, &why, err);
    if (rc == 0)
        rc = number_read(o, &o->value,
                         "SELECT value, value_type FROM trial_values WHERE trial_id = ?1"
                         " AND objective = 0",
                         trial, &value, err);
    if (rc == 0)
        rc = number_read(o, &o->last,
                         "SELECT intermediate_value, intermediate_value_type FROM"
                         " trial_intermediate_values WHERE trial_id = ?1"
                         " ORDER BY step DESC LIMIT 1",
                         trial, &value, err);
    if (value)
        value_put(a, row.metrics, "objective", value);
    if (rc == 0 && why)
        earlier_fault(o->e, number, "%s", why);
    return rc == 0 && !why ? earlier_give(o->e, &row, err) : rc;
}

static int trials_read(struct optuna *o, uint64_t study, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(o->db, &st,
                           "SELECT trial_id, number, state FROM trials WHERE study_id = ?1"
                           " ORDER BY trial_id",
                           err);
    if (rc == 0)
        store_sql_u64(st, 1, study);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        rc = trial_read(o, store_sql_get_u64(st, 0), (size_t)store_sql_get_u64(st, 1),
                        store_sql_get_text(st, 2), err);
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

int store_optuna_read(struct earlier *e, const char *path, const char *study, struct err *err)
{
    struct optuna o = {.e = e};
    struct store_borrow borrow;
    uint64_t id = 0;
    int rc = store_borrow_open(&borrow, path, err);
    o.db = borrow.db;
    if (rc == 0) {
        sqlite3_limit(o.db, SQLITE_LIMIT_LENGTH, LIMIT_IMPORT_ROW_BYTES);
        sqlite3_progress_handler(o.db, STEPS, query_look, &o);
        rc = tables_check(&o, err);
    }
    if (rc == 0)
        rc = study_find(&o, study, &id, err);
    if (rc == 0)
        rc = goal_read(&o, id, err);
    if (rc == 0)
        rc = trials_read(&o, id, err);
    if (o.looks > LOOKS_MAX)
        rc = err_set(err, ERR_LIMIT,
                     "reading it takes too long: its tables lack the indexes that Optuna makes");
    sqlite3_finalize(o.params);
    sqlite3_finalize(o.value);
    sqlite3_finalize(o.last);
    store_borrow_close(&borrow);
    return rc;
}
