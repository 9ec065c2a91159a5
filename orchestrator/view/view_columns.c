/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

/* A parameter, as seen in the trials read so far. */
struct seen {
    const char *name;
    const struct value *value; /* of the first trial that has it */
    uint64_t times;
    bool varies;
};

struct judging {
    struct arena *arena;
    struct seen *seen;
    size_t n, cap;
    uint64_t trials;
    const char *agent;    /* of the first trial that ran; NULL: none has */
    bool retried, agents; /* some trial had several attempts; trials ran on several agents */
    bool tagged;          /* some trial has a tag */
};

/* Trials nearly always have their parameters in the same order, so the entry at `at` is tried
 * first. */
static struct seen *seen_find(struct judging *j, size_t at, const char *name)
{
    if (at < j->n && strcmp(j->seen[at].name, name) == 0)
        return &j->seen[at];
    for (size_t i = 0; i < j->n; i++)
        if (strcmp(j->seen[i].name, name) == 0)
            return &j->seen[i];
    return NULL;
}

static void judge_trial(struct judging *j, const struct value *flat)
{
    j->trials++;
    for (size_t i = 0; i < flat->dict.n; i++) {
        const struct value_entry *e = &flat->dict.entries[i];
        struct seen *seen = seen_find(j, i, e->key);
        if (!seen) {
            j->seen = mem_grow(j->seen, &j->cap, j->n + 1, sizeof *j->seen);
            seen = &j->seen[j->n++];
            *seen = (struct seen){.name = arena_strdup(j->arena, e->key),
                                  .value = value_copy(j->arena, e->value)};
        }
        seen->times++;
        seen->varies = seen->varies || !value_same(seen->value, e->value);
    }
}

static void judge_agent(struct judging *j, const char *agent)
{
    if (!agent || !*agent)
        return;
    if (!j->agent)
        j->agent = arena_strdup(j->arena, agent);
    j->agents = j->agents || strcmp(j->agent, agent) != 0;
}

static int judge_trials(struct view *v, const char *sweep, struct judging *j, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct arena row;
    struct value *params;
    arena_init(&row);
    int rc = store_sql_use(v->db, &st,
                           "SELECT t.params, t.attempts, t.agent,"
                           " EXISTS(SELECT 1 FROM tag WHERE thing = t.id)" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 ORDER BY t.id",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *text = store_sql_get_text(st, 0);
        if (json_parse(&row, text, strlen(text), &params, NULL) == 0)
            judge_trial(j, value_flatten(&row, params));
        j->retried = j->retried || sqlite3_column_int64(st, 1) > 1;
        j->tagged = j->tagged || sqlite3_column_int(st, 3) != 0;
        judge_agent(j, store_sql_get_text(st, 2));
        arena_clear(&row);
    }
    sqlite3_finalize(st);
    arena_done(&row);
    return rc;
}

static int list_metrics(struct view *v, struct arena *a, const char *sweep, struct value *list,
                        struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT key FROM sweep s JOIN metric m ON m.trial BETWEEN s.n << 40 AND"
                           " ((s.n + 1) << 40) - 1 WHERE s.id = ?1"
                           " GROUP BY key ORDER BY min(place), key",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, list, value_str(a, store_sql_get_text(st, 0)));
    sqlite3_finalize(st);
    return rc;
}

int view_columns(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                 struct err *err)
{
    struct judging j = {.arena = a};
    struct value *params = value_list(a), *varying = value_list(a), *metrics = value_list(a);
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s/names", sweep), ret, err);
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = judge_trials(v, sweep, &j, err);
    if (rc == 0)
        rc = list_metrics(v, a, sweep, metrics, err);
    view_row_end(v);
    for (size_t i = 0; i < j.n; i++) {
        const struct seen *seen = &j.seen[i];
        value_push(a, params, value_str(a, seen->name));
        if (seen->varies || seen->times < j.trials || j.trials == 1)
            value_push(a, varying, value_str(a, seen->name));
    }
    mem_free(j.seen);
    *ret = value_dict(a);
    value_put(a, *ret, "trials", value_int(a, (int64_t)j.trials));
    value_put(a, *ret, "params", params);
    value_put(a, *ret, "varying", varying);
    value_put(a, *ret, "metrics", metrics);
    value_put(a, *ret, "agents", value_bool(a, j.agents));
    value_put(a, *ret, "retried", value_bool(a, j.retried));
    value_put(a, *ret, "tagged", value_bool(a, j.tagged));
    return rc;
}
