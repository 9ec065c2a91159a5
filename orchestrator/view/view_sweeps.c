/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "orchestrator/core/books_sweep.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_proposals.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"
#include "language/spec_read.h"
#include "sweep/tag/tag.h"

#define SWEEP_COLUMNS                                                                            \
    "SELECT id, name, state, reason, text, counts, proposed, total, best, created, ended, path," \
    " workdir, seed, content, spec_place," VIEW_TAGS_OF_SWEEP(                                   \
        "n") " FROM sweep JOIN spec ON sweep = n "

static const char select_sweeps[] = SWEEP_COLUMNS "WHERE ?1 IS NULL OR id = ?1 ORDER BY n";

/* Several objectives as [{"name","goal"}]; null where there is one. */
static struct value *objectives_value(struct arena *a, const struct spec *spec)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < spec->metrics_n; i++) {
        struct value *one = value_dict(a);
        value_put(a, one, "name", value_str(a, spec->metrics[i].name));
        value_put(a, one, "goal",
                  value_str(a, spec->metrics[i].maximize ? "maximize" : "minimize"));
        value_push(a, list, one);
    }
    return spec->metrics_n ? list : value_null(a);
}

static void put_spec(struct arena *a, struct value *v, struct value *content)
{
    struct value *metric = value_dict(a);
    const char *fault;
    struct spec *spec = spec_read_stored(content, a, &fault);
    bool has_metric = spec->metric.name;
    value_put(a, v, "spec_fault", fault ? value_str(a, fault) : value_null(a));
    value_put(a, v, "method", fault ? value_null(a) : value_str(a, spec_method_name(spec->method)));
    if (has_metric) {
        value_put(a, metric, "name", value_str(a, spec->metric.name));
        value_put(a, metric, "goal", value_str(a, spec->metric.maximize ? "maximize" : "minimize"));
        value_put(a, metric, "reduce", value_str(a, spec->metric.reduce_last ? "last" : "best"));
        if (spec->metric.has_target)
            value_put(a, metric, "target", value_float(a, spec->metric.target));
    }
    value_put(a, v, "metric", has_metric ? metric : value_null(a));
    value_put(a, v, "metrics", objectives_value(a, spec));
    spec_free(spec);
}

static int sweep_value(struct view *v, struct arena *a, sqlite3_stmt *st, bool whole,
                       struct value **ret, struct err *err)
{
    struct value *s = *ret = value_dict(a), *content = view_row_json(a, st, 14);
    static const char *const texts[] = {"id", "name", "state", "reason", "text"};
    for (int i = 0; i < 5; i++)
        value_put(a, s, texts[i], view_row_text(a, st, i));
    int reason = trial_reason_find(value_get_str(s, "reason", ""));
    bool runs = strcmp(value_get_str(s, "state", ""), "running") == 0;
    value_put(
        a, s, "again",
        value_bool(a, runs && reason >= 0 && books_sweep_asked_by((enum trial_reason)reason)));
    put_spec(a, s, content);
    /* A trial that somebody enqueued may repeat another. */
    bool repeats = sqlite3_column_int64(st, 6) > sqlite3_column_int64(st, 7);
    value_put(a, s, "counts", view_row_json(a, st, 5));
    value_put(a, s, "proposed", view_row_int(a, st, 6));
    value_put(a, s, "total",
              sqlite3_column_int64(st, 7) == 0 ? value_null(a)
              : repeats                        ? view_row_int(a, st, 6)
                                               : view_row_int(a, st, 7));
    struct value *best = value_null(a);
    int rc = 0;
    if (!store_sql_is_null(st, 8))
        rc = view_trial_read(v, a, store_sql_get_text(st, 0), store_sql_get_u64(st, 8), &best, err);
    value_put(a, s, "best", best);
    value_put(a, s, "created", view_row_time(a, st, 9));
    value_put(a, s, "ended", view_row_time(a, st, 10));
    value_put(a, s, "path", view_row_text(a, st, 11));
    value_put(a, s, "place", view_row_text(a, st, 15));
    value_put(a, s, "tags", tag_list_of(a, store_sql_get_text_or_null(st, 16)));
    value_put(a, s, "workdir", view_row_text(a, st, 12));
    uint64_t seed = store_sql_get_u64(st, 13);
    value_put(a, s, "seed",
              seed <= INT64_MAX ? value_int(a, (int64_t)seed)
                                : value_str(a, arena_printf(a, "%llu", (unsigned long long)seed)));
    if (!whole)
        return rc;
    struct value *code = NULL;
    value_put(a, s, "spec", content);
    if (rc == 0)
        rc = view_code(v, a, value_get_str(s, "id", ""), &code, err);
    value_put(a, s, "code", code ? code : value_null(a));
    struct value *hosts = value_list(a);
    if (rc == 0)
        rc = view_hosts(v, a, value_get_str(s, "id", ""), hosts, err);
    if (hosts->list.n > 0)
        value_put(a, s, "hosts", hosts);
    return rc;
}

static int read_sweeps(struct view *v, struct arena *a, const char *id, struct value *list,
                       struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, select_sweeps, err);
    if (rc == 0)
        store_sql_text(st, 1, id);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *one;
        if ((rc = sweep_value(v, a, st, id != NULL, &one, err)) == 0)
            value_push(a, list, one);
    }
    sqlite3_finalize(st);
    return rc;
}

int view_sweeps(struct view *v, struct arena *a, struct value **ret, struct err *err)
{
    if (v->remote)
        return v->remote->get(v->remote, a, "sweeps", ret, err);
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    *ret = value_list(a);
    rc = read_sweeps(v, a, NULL, *ret, err);
    view_row_end(v);
    return rc;
}

int view_sweep_ids(struct view *v, struct arena *a, struct value *list, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, "SELECT id FROM sweep ORDER BY n", err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, list, value_str(a, store_sql_get_text(st, 0)));
    sqlite3_finalize(st);
    return rc;
}

static const struct {
    const char *name, *order;
} sweep_orders[] = {
    {"started", "n"},
    {"name", "coalesce(name, id) COLLATE NOCASE"},
    {"state", "state"},
    {"trials", "proposed"},
    {"running", "json_extract(counts, '$.running')"},
    {"failed", "json_extract(counts, '$.failed')"},
    {"best", "CASE WHEN typeof(best_objective) = 'real' THEN best_objective END"},
};

static const char *sweeps_order(const char *sort, struct err *err)
{
    for (size_t i = 0; i < sizeof sweep_orders / sizeof *sweep_orders; i++)
        if (strcmp(sweep_orders[i].name, sort ? sort : "started") == 0)
            return sweep_orders[i].order;
    (void)err_set(err, ERR_USAGE,
                  "sort=%.40s: sweeps are sorted by started, name, state, trials, running, failed "
                  "or best",
                  sort);
    return NULL;
}

/* The method is read only where nothing else matches. */
#define SWEEPS_FOUND                                                                             \
    "FROM sweep JOIN spec ON sweep = n WHERE (?1 IS NULL OR CASE WHEN substr(?1, 1, 4) = 'tag:'" \
    " THEN EXISTS(SELECT 1 FROM tag WHERE thing = (n << 40 | " STORE_TAG_SWEEP ")"               \
    " AND lower(tag) = lower(substr(?1, 5))) END OR instr(lower(id), lower(?1))"                 \
    " OR instr(lower(coalesce(name, '')), lower(?1)) OR instr(state, lower(?1))"                 \
    " OR CASE WHEN json_valid(content) THEN instr(json_extract(content, '$.method'), "           \
    "lower(?1)) END) AND (?2 IS NULL OR state = ?2)"

static int sweeps_count(struct view *v, const struct view_sweeps_query *q, int64_t *ret,
                        struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, "SELECT count(*) " SWEEPS_FOUND, err);
    if (rc == 0) {
        store_sql_text(st, 1, q->text);
        store_sql_text(st, 2, q->state);
        if ((rc = store_sql_step(st, err)) > 0)
            *ret = sqlite3_column_int64(st, 0);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

/* Puts who created them to the sweeps of the list. */
static int owners_put(struct view *v, struct arena *a, struct value *list, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(v->db, &st,
                      "SELECT json_extract(body, '$.subject'), coalesce((SELECT name FROM token"
                      " WHERE id = json_extract(body, '$.by')), json_extract(body, '$.by'))"
                      " FROM fact WHERE kind = 'action' AND json_valid(body)"
                      " AND json_extract(body, '$.what') = 'create'",
                      err);
    for (size_t i = 0; i < list->list.n; i++)
        value_put(a, list->list.items[i], "owner", value_null(a));
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        for (size_t i = 0; i < list->list.n; i++)
            if (strcmp(value_get_str(list->list.items[i], "id", ""), store_sql_get_text(st, 0)) ==
                0)
                value_put(a, list->list.items[i], "owner", view_row_text(a, st, 1));
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int page_read(struct view *v, struct arena *a, const struct view_sweeps_query *q,
                     struct value *list, struct err *err)
{
    sqlite3_stmt *st = NULL;
    const char *order = sweeps_order(q->sort, err);
    if (!order)
        return ERR_USAGE;
    int rc = store_sql_use(v->db, &st,
                           arena_printf(a,
                                        SWEEP_COLUMNS "WHERE n IN (SELECT n " SWEEPS_FOUND
                                                      ") ORDER BY %s%s NULLS LAST, n DESC"
                                                      " LIMIT ?3 OFFSET ?4",
                                        order, q->descending ? " DESC" : ""),
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, q->text);
        store_sql_text(st, 2, q->state);
        store_sql_u64(st, 3, q->limit);
        store_sql_u64(st, 4, q->skip);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *one;
        if ((rc = sweep_value(v, a, st, false, &one, err)) < 0)
            break;
        const struct value *stopper = value_get(view_row_json(a, st, 14), "early_terminate");
        const char *type = value_get_str(stopper, "type", NULL);
        value_put(a, one, "stopper", type ? value_str(a, type) : value_null(a));
        value_push(a, list, one);
    }
    sqlite3_finalize(st);
    return rc;
}

int view_sweeps_page(struct view *v, struct arena *a, const struct view_sweeps_query *q,
                     struct value **ret, struct err *err)
{
    struct value *list = value_list(a);
    int64_t of = 0;
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = sweeps_count(v, q, &of, err);
    if (rc == 0)
        rc = page_read(v, a, q, list, err);
    if (rc == 0)
        rc = owners_put(v, a, list, err);
    view_row_end(v);
    *ret = value_dict(a);
    value_put(a, *ret, "of", value_int(a, of));
    value_put(a, *ret, "sweeps", list);
    return rc;
}

int view_sweep(struct view *v, struct arena *a, const char *id, struct value **ret, struct err *err)
{
    struct value *list = value_list(a);
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s", id), ret, err);
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = read_sweeps(v, a, id, list, err);
    view_row_end(v);
    if (rc < 0)
        return rc;
    if (list->list.n == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no sweep %s", id);
    *ret = list->list.items[0];
    return 0;
}

int view_best(struct view *v, struct arena *a, const char *sweep, struct value **ret,
              struct err *err)
{
    struct value *one;
    int rc = view_sweep(v, a, sweep, &one, err);
    if (rc < 0)
        return rc;
    const struct value *best = value_get(one, "best");
    *ret = best->kind == VALUE_DICT ? (struct value *)(uintptr_t)best : NULL;
    return 0;
}
