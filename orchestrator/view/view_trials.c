/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/view/arrays/view_arrays.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_trial.h"
#include "sweep/trial.h"

enum { PAGE = 256 };

/* The metric, or else the parameter, of this flattened name. NULL if neither exists or it is NaN:
 * such trials come last in both orders. */
#define NAMED "pick((SELECT value FROM metric m WHERE m.trial = t.id AND m.key = ?3), t.params, ?3)"

/* pick(metric or NULL, params, name): an SQL function of besom, because SQLite's JSON functions
 * refuse a bare NaN, and names may contain dots. */
static const struct value *value_walk(const struct value *v, const char *name)
{
    const struct value *direct = value_get(v, name);
    if (direct)
        return direct;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        char first[256];
        size_t len = (size_t)(dot - name);
        if (len >= sizeof first)
            return NULL;
        memcpy(first, name, len);
        first[len] = '\0';
        const struct value *inner = value_get(v, first);
        const struct value *found = inner ? value_walk(inner, dot + 1) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static void result_give(sqlite3_context *ctx, const struct value *v)
{
    if (v && v->kind == VALUE_STR && strcmp(v->s.ptr, "Infinity") == 0)
        sqlite3_result_double(ctx, INFINITY);
    else if (v && v->kind == VALUE_STR && strcmp(v->s.ptr, "-Infinity") == 0)
        sqlite3_result_double(ctx, -INFINITY);
    else if (v && v->kind == VALUE_STR && strcmp(v->s.ptr, "NaN") != 0)
        sqlite3_result_text(ctx, v->s.ptr, -1, SQLITE_TRANSIENT);
    else if (v && v->kind == VALUE_INT)
        sqlite3_result_int64(ctx, v->i);
    else if (v && v->kind == VALUE_FLOAT && !isnan(v->f))
        sqlite3_result_double(ctx, v->f);
    else if (v && v->kind == VALUE_BOOL)
        sqlite3_result_int(ctx, v->b);
    else
        sqlite3_result_null(ctx);
}

static void pick_value(sqlite3_context *ctx, int n, sqlite3_value **args)
{
    struct arena a;
    struct value *v;
    const char *text = (const char *)sqlite3_value_text(args[1]);
    const char *name = (const char *)sqlite3_value_text(args[2]);
    (void)n;
    if (sqlite3_value_type(args[0]) != SQLITE_NULL) {
        if (sqlite3_value_type(args[0]) == SQLITE_FLOAT)
            sqlite3_result_value(ctx, args[0]);
        return;
    }
    arena_init(&a);
    bool read = text && json_parse(&a, text, strlen(text), &v, NULL) == 0;
    result_give(ctx, read ? value_walk(v, name) : NULL);
    arena_done(&a);
}

/* The ORDER BY expression; "" for the number. *named is set if it is a metric or parameter. */
static const char *order_of(const char *sort, bool *named)
{
    *named = false;
    if (!sort || strcmp(sort, "number") == 0)
        return "";
    if (strcmp(sort, "objective") == 0)
        return "CASE WHEN typeof(t.objective) = 'real' AND abs(t.objective) < 9e999"
               " THEN t.objective END";
    if (strcmp(sort, "started") == 0)
        return "t.started";
    if (strcmp(sort, "duration") == 0)
        return "t.ran";
    *named = true;
    return NAMED;
}

static void bind_query(sqlite3_stmt *st, const char *sweep, const struct view_query *q)
{
    store_sql_text(st, 1, sweep);
    store_sql_text(st, 2, q->state);
    if (sqlite3_bind_parameter_count(st) >= 3)
        store_sql_text(st, 3, q->sort);
}

static int check_query(struct view *v, const struct view_query *q, bool named, struct err *err)
{
    if (q->state && machine_find(trial_states, TRIAL_STATES, q->state) < 0) {
        char states[200] = "";
        for (int i = 0; i < TRIAL_STATES; i++) {
            size_t len = strlen(states);
            snprintf(states + len, sizeof states - len, "%s%s", i ? ", " : "",
                     trial_states[i].name);
        }
        return err_set(err, ERR_USAGE, "there is no state '%.40s': a trial is one of %s", q->state,
                       states);
    }
    if (!named)
        return 0;
    int rc = sqlite3_create_function_v2(v->db, "pick", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                        pick_value, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : store_sql_error(v->db, rc, err);
}

#define SELECTED " WHERE s.id = ?1 AND (?2 IS NULL OR t.state = ?2)"

/* fn may write to a slow pipe, and an open read transaction keeps the writer from restarting its
 * log. So no transaction is open while fn runs: rows are handed out a page at a time. */
struct listing {
    struct arena arena; /* of one page */
    view_trial_fn fn;
    void *arg;
    uint64_t left; /* how many rows the limit still allows */
    bool ended;    /* fn asked to stop */
    /* Of rows whose filter is applied as they are read; else NULL. */
    struct view_filter *filter;
    const char *sweep;
    uint64_t skip; /* of the rows that it wants */
};

/* The rows that the filter wants; returns how many. */
static int page_filter(struct view *v, const struct listing *l, struct value **rows, int n,
                       struct err *err)
{
    struct view_span span = {UINT64_MAX, 0};
    uint64_t numbers[PAGE];
    int kept = 0;
    for (int i = 0; i < n; i++) {
        numbers[i] = (uint64_t)value_get_int(rows[i], "number", 0);
        span.first = numbers[i] < span.first ? numbers[i] : span.first;
        span.last = numbers[i] > span.last ? numbers[i] : span.last;
    }
    if (n == 0)
        return 0;
    bool *wanted = mem_alloc(span.last - span.first + 1);
    int rc = view_arrays_mark(v, l->sweep, l->filter, &span, wanted, err);
    for (int i = 0; rc == 0 && i < n; i++)
        if (wanted[numbers[i] - span.first])
            rows[kept++] = rows[i];
    mem_free(wanted);
    return rc < 0 ? rc : kept;
}

/* Reads the rows of `st`, ends its transaction and hands the rows out. Returns how many it read, or
 * an error. */
static int page_give(struct view *v, struct listing *l, sqlite3_stmt *st, uint64_t *ret_last,
                     struct err *err)
{
    struct value *rows[PAGE];
    int n = 0, kept, rc;
    while ((rc = store_sql_step(st, err)) > 0 && n < PAGE) {
        if ((rc = view_trial_value(v, &l->arena, st, &rows[n++], err)) < 0)
            break;
        *ret_last = store_sql_get_u64(st, 0);
    }
    sqlite3_reset(st);
    kept = n;
    if (rc >= 0 && l->filter)
        rc = kept = page_filter(v, l, rows, n, err);
    for (int i = 0; rc >= 0 && i < kept && !l->ended && l->left > 0; i++) {
        if (l->skip > 0) {
            l->skip--;
            continue;
        }
        l->ended = l->fn(l->arg, rows[i]) != 0;
        l->left--;
    }
    arena_clear(&l->arena);
    return rc < 0 ? rc : n;
}

/* By number: each page begins after the last number of the one before. */
static int list_by_number(struct view *v, const char *sweep, const struct view_query *q,
                          struct listing *l, struct err *err)
{
    sqlite3_stmt *st = NULL;
    uint64_t last = 0, skip = l->filter ? 0 : q->skip & INT64_MAX;
    int n = PAGE;
    int rc =
        store_sql_use(v->db, &st,
                      q->descending ? "SELECT " VIEW_TRIAL_COLUMNS VIEW_TRIALS_OF_SWEEP SELECTED
                                      " AND (?4 IS NULL OR t.id < s.n << 40 | ?4)"
                                      " ORDER BY t.id DESC LIMIT ?5 OFFSET ?6"
                                    : "SELECT " VIEW_TRIAL_COLUMNS VIEW_TRIALS_OF_SWEEP SELECTED
                                      " AND (?4 IS NULL OR t.id > s.n << 40 | ?4)"
                                      " ORDER BY t.id LIMIT ?5 OFFSET ?6",
                      err);
    if (rc == 0 && q->from > 0)
        store_sql_u64(st, 4, q->from - 1);
    while (rc == 0 && n == PAGE && !l->ended && l->left > 0) {
        store_sql_text(st, 1, sweep);
        store_sql_text(st, 2, q->state);
        store_sql_u64(st, 5, l->left < PAGE && !l->filter ? l->left : PAGE);
        store_sql_u64(st, 6, skip);
        n = page_give(v, l, st, &last, err);
        store_sql_u64(st, 4, last);
        skip = 0;
        rc = n < 0 ? n : 0;
    }
    sqlite3_finalize(st);
    return rc;
}

static int sorted_ids(struct view *v, const char *sweep, const struct view_query *q,
                      const char *order, uint64_t **ret, size_t *ret_n, struct err *err)
{
    struct buf sql;
    sqlite3_stmt *st = NULL;
    size_t cap = 0;
    buf_init(&sql, SIZE_MAX);
    buf_addf(&sql, "SELECT t.id" VIEW_TRIALS_OF_SWEEP SELECTED " ORDER BY %s%s NULLS LAST, t.id",
             order, q->descending ? " DESC" : "");
    if (!q->filter && (q->limit || q->skip))
        buf_addf(&sql, " LIMIT %llu OFFSET %llu",
                 (unsigned long long)(q->limit ? q->limit & INT64_MAX : INT64_MAX),
                 (unsigned long long)(q->skip & INT64_MAX));
    int rc = store_sql_use(v->db, &st, buf_str(&sql), err);
    if (rc == 0)
        bind_query(st, sweep, q);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        *ret = mem_grow(*ret, &cap, *ret_n + 1, sizeof **ret);
        (*ret)[(*ret_n)++] = store_sql_get_u64(st, 0);
    }
    sqlite3_finalize(st);
    buf_done(&sql);
    return rc;
}

/* Leaves the ids that the filter wants, as far as the query asks for them. */
static int ids_filter(struct view *v, const char *sweep, const struct view_query *q,
                      struct view_filter *filter, uint64_t *ids, size_t *n, struct err *err)
{
    struct view_span all = {0};
    uint64_t skip = q->skip;
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (store_trial_number(ids[i]) > all.last)
            all.last = store_trial_number(ids[i]);
    bool *wanted = mem_alloc(all.last + 1);
    int rc = view_arrays_mark(v, sweep, filter, &all, wanted, err);
    for (size_t i = 0; rc == 0 && i < *n && (q->limit == 0 || kept < q->limit); i++) {
        if (!wanted[store_trial_number(ids[i])])
            continue;
        if (skip > 0)
            skip--;
        else
            ids[kept++] = ids[i];
    }
    *n = kept;
    mem_free(wanted);
    return rc;
}

/* In another order: reads the ids of all trials at once, and each trial when its turn comes. */
static int list_sorted(struct view *v, const char *sweep, const struct view_query *q,
                       const char *order, struct view_filter *filter, struct listing *l,
                       struct err *err)
{
    uint64_t *ids = NULL, last;
    size_t n = 0;
    sqlite3_stmt *st = NULL;
    int rc = sorted_ids(v, sweep, q, order, &ids, &n, err);
    if (rc == 0 && filter)
        rc = ids_filter(v, sweep, q, filter, ids, &n, err);
    if (rc == 0)
        rc = store_sql_use(v->db, &st,
                           "SELECT " VIEW_TRIAL_COLUMNS VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 AND t.id = ?2",
                           err);
    for (size_t i = 0; rc >= 0 && i < n && !l->ended; i++) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, ids[i]);
        rc = page_give(v, l, st, &last, err);
    }
    sqlite3_finalize(st);
    mem_free(ids);
    return rc < 0 ? rc : 0;
}

int view_trials(struct view *v, const char *sweep, const struct view_query *q, view_trial_fn fn,
                void *arg, struct err *err)
{
    bool named;
    struct value *known;
    const char *order = order_of(q->sort, &named);
    if (v->remote)
        return v->remote->trials(v->remote, sweep, q, fn, arg, err);
    struct listing l = {.fn = fn, .arg = arg, .left = q->limit ? q->limit : UINT64_MAX};
    struct view_filter *filter = q->parsed;
    struct arena own;
    int rc = check_query(v, q, named, err);
    arena_init(&l.arena);
    arena_init(&own);
    if (rc == 0 && q->filter && !filter)
        rc = view_arrays_check(v, &own, sweep, q->filter, &filter, &known, err);
    if (filter && !*order) {
        l.filter = filter;
        l.sweep = sweep;
        l.skip = q->skip;
    }
    if (rc == 0)
        rc = *order ? list_sorted(v, sweep, q, order, filter, &l, err)
                    : list_by_number(v, sweep, q, &l, err);
    arena_done(&own);
    arena_done(&l.arena);
    return rc;
}
