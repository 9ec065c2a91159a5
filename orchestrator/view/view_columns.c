/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/view/arrays/flat.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

/* A parameter, as seen in the trials read so far. */
struct param_seen {
    const char *name;
    struct json_span first; /* the value of the first trial that has it */
    uint64_t times;
    bool varies;
};

struct metric_seen {
    const char *name;
    int64_t place; /* the least that it has in a trial */
};

struct names {
    struct arena *arena;
    struct flat params, metrics;
    struct param_seen **seen;
    struct metric_seen **logged;
    size_t n, cap, logged_n, logged_cap;
    uint64_t trials;
    const char *agent;    /* of the first trial that ran; NULL: none has */
    bool retried, agents; /* some trial had several attempts; trials ran on several agents */
    bool tagged;          /* some trial has a tag */
};

static void *param_find(void *arg, const char *name)
{
    struct names *n = arg;
    struct param_seen *seen = arena_alloc(n->arena, sizeof *seen);
    seen->name = name;
    n->seen = mem_grow(n->seen, &n->cap, n->n + 1, sizeof *n->seen);
    return n->seen[n->n++] = seen;
}

static void *metric_find(void *arg, const char *name)
{
    struct names *n = arg;
    struct metric_seen *seen = arena_alloc(n->arena, sizeof *seen);
    *seen = (struct metric_seen){name, INT64_MAX};
    n->logged = mem_grow(n->logged, &n->logged_cap, n->logged_n + 1, sizeof *n->logged);
    return n->logged[n->logged_n++] = seen;
}

/* 1 and 1.0 are one value. */
static bool span_is_same(struct json_span a, struct json_span b)
{
    struct value va, vb;
    struct arena both;
    size_t len = (size_t)(a.end - a.at);
    if (b.end - b.at == a.end - a.at && memcmp(a.at, b.at, len) == 0)
        return true;
    arena_init(&both);
    bool same =
        json_span_value(&both, a, &va) && json_span_value(&both, b, &vb) && value_same(&va, &vb);
    arena_done(&both);
    return same;
}

static void param_take(void *arg, void *found, struct json_span v)
{
    struct names *n = arg;
    struct param_seen *seen = found;
    size_t len = (size_t)(v.end - v.at);
    if (seen->times++ == 0)
        seen->first = json_span_of(arena_strndup(n->arena, v.at, len), len);
    seen->varies = seen->varies || !span_is_same(seen->first, v);
}

static void agent_take(struct names *n, const char *agent)
{
    if (!agent || !*agent)
        return;
    if (!n->agent)
        n->agent = arena_strdup(n->arena, agent);
    n->agents = n->agents || strcmp(n->agent, agent) != 0;
}

static int params_read(struct view *v, const char *sweep, struct names *n, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT t.params, t.attempts, t.agent,"
                           " EXISTS(SELECT 1 FROM tag WHERE thing = t.id)" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 ORDER BY t.id",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *text = store_sql_get_text(st, 0);
        n->trials++;
        flat_dict(&n->params, text, strlen(text), param_take);
        n->retried = n->retried || sqlite3_column_int64(st, 1) > 1;
        n->tagged = n->tagged || sqlite3_column_int(st, 3) != 0;
        agent_take(n, store_sql_get_text(st, 2));
    }
    sqlite3_finalize(st);
    return rc;
}

static int metrics_read(struct view *v, const char *sweep, struct names *n, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT m.trial, m.place, m.key FROM sweep s JOIN metric m ON m.trial"
                           " BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1 WHERE s.id = ?1"
                           " ORDER BY m.trial, m.place",
                           err);
    uint64_t trial = 0;
    size_t at = 0;
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        at = store_sql_get_u64(st, 0) == trial ? at + 1 : 0;
        trial = store_sql_get_u64(st, 0);
        struct metric_seen *seen = flat_name(&n->metrics, at, store_sql_get_text(st, 2));
        int64_t place = sqlite3_column_int64(st, 1);
        seen->place = place < seen->place ? place : seen->place;
    }
    sqlite3_finalize(st);
    return rc;
}

static int metric_compare(const void *a, const void *b)
{
    const struct metric_seen *x = *(struct metric_seen *const *)a;
    const struct metric_seen *y = *(struct metric_seen *const *)b;
    return x->place != y->place ? (x->place > y->place) - (x->place < y->place)
                                : strcmp(x->name, y->name);
}

static struct value *names_value(struct names *n)
{
    struct arena *a = n->arena;
    struct value *v = value_dict(a);
    struct value *params = value_list(a), *varying = value_list(a), *metrics = value_list(a);
    for (size_t i = 0; i < n->n; i++) {
        const struct param_seen *seen = n->seen[i];
        if (seen->times == 0)
            continue;
        value_push(a, params, value_str(a, seen->name));
        if (seen->varies || seen->times < n->trials || n->trials == 1)
            value_push(a, varying, value_str(a, seen->name));
    }
    if (n->logged_n > 0)
        qsort(n->logged, n->logged_n, sizeof *n->logged, metric_compare);
    for (size_t i = 0; i < n->logged_n; i++)
        value_push(a, metrics, value_str(a, n->logged[i]->name));
    value_put(a, v, "trials", value_int(a, (int64_t)n->trials));
    value_put(a, v, "params", params);
    value_put(a, v, "varying", varying);
    value_put(a, v, "metrics", metrics);
    value_put(a, v, "agents", value_bool(a, n->agents));
    value_put(a, v, "retried", value_bool(a, n->retried));
    value_put(a, v, "tagged", value_bool(a, n->tagged));
    return v;
}

int view_columns(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                 struct err *err)
{
    struct names n = {.arena = a};
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s/names", sweep), ret, err);
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    flat_init(&n.params, param_find, &n);
    flat_init(&n.metrics, metric_find, &n);
    rc = params_read(v, sweep, &n, err);
    if (rc == 0)
        rc = metrics_read(v, sweep, &n, err);
    view_row_end(v);
    *ret = names_value(&n);
    flat_done(&n.params);
    flat_done(&n.metrics);
    mem_free(n.seen);
    mem_free(n.logged);
    return rc;
}
