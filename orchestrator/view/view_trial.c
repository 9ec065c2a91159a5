/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_trial.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/trust/view_actor.h"
#include "orchestrator/view/command/view_command.h"
#include "orchestrator/view/explain/diverged.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_system.h"
#include "sweep/tag/tag.h"
#include "sweep/trial.h"

static struct value *objective_value(struct arena *a, sqlite3_stmt *st, int at)
{
    return store_sql_is_null(st, at) ? value_null(a) : value_float(a, store_sql_get_number(st, at));
}

static int trial_metrics(struct view *view, struct arena *a, uint64_t row, struct value **ret,
                         struct err *err)
{
    int rc = store_sql_use(view->db, &view->metrics,
                           "SELECT key, value FROM metric WHERE trial = ? ORDER BY place", err);
    if (rc < 0)
        return rc;
    *ret = value_dict(a);
    store_sql_u64(view->metrics, 1, row);
    while ((rc = store_sql_step(view->metrics, err)) > 0)
        value_put(a, *ret, store_sql_get_text(view->metrics, 0),
                  value_float(a, store_sql_get_number(view->metrics, 1)));
    return rc;
}

int view_trial_value(struct view *view, struct arena *a, sqlite3_stmt *st, struct value **ret,
                     struct err *err)
{
    struct value *v = value_dict(a), *metrics, *cause, *rung;
    uint64_t row = store_sql_get_u64(st, 12);
    int rc = trial_metrics(view, a, row, &metrics, err);
    if (rc >= 0)
        rc = view_end_cause(view, a, row, store_sql_get_text(st, 2), &cause, err);
    if (rc >= 0)
        rc = view_end_rung(view, a, row, store_sql_get_text(st, 3), &rung, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < metrics->dict.n && cause->kind == VALUE_NULL; i++) {
        const struct value_entry *e = &metrics->dict.entries[i];
        const char *said = diverged_last(a, store_sql_get_text(st, 2), e->key, e->value->f);
        cause = said ? value_str(a, said) : cause;
    }
    const char *sweep = store_sql_get_text(st, 1);
    value_put(
        a, v, "id",
        value_str(a, arena_printf(a, "%s-%lld", sweep, (long long)sqlite3_column_int64(st, 0))));
    value_put(a, v, "sweep", value_str(a, sweep));
    value_put(a, v, "number", view_row_int(a, st, 0));
    value_put(a, v, "state", view_row_text(a, st, 2));
    value_put(a, v, "reason", view_row_text(a, st, 3));
    value_put(a, v, "cause", cause);
    value_put(a, v, "rung", rung);
    value_put(a, v, "params", view_row_json(a, st, 4));
    value_put(a, v, "attempts", view_row_int(a, st, 5));
    value_put(a, v, "attempt", view_row_int(a, st, 17));
    value_put(a, v, "agent", view_row_text(a, st, 6));
    value_put(a, v, "slot", view_row_int(a, st, 7));
    value_put(a, v, "created", view_row_time(a, st, 8));
    value_put(a, v, "started", view_row_time(a, st, 9));
    value_put(a, v, "ended", view_row_time(a, st, 10));
    value_put(a, v, "duration", view_row_time(a, st, 15));
    value_put(a, v, "objective", objective_value(a, st, 11));
    value_put(a, v, "metrics", metrics);
    value_put(a, v, "step",
              store_sql_is_null(st, 13) ? value_null(a)
                                        : value_int(a, sqlite3_column_int64(st, 13)));
    value_put(a, v, "tags", tag_list_of(a, store_sql_get_text_or_null(st, 16)));
    *ret = v;
    return 0;
}

static const char select_trial[] =
    "SELECT " VIEW_TRIAL_COLUMNS " FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
    " WHERE s.id = ?1";

static int no_trial(struct err *err, const char *sweep, uint64_t number)
{
    return err_set(err, ERR_NOT_FOUND, "there is no trial %s-%llu", sweep,
                   (unsigned long long)number);
}

int view_trial_read(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                    struct value **ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, select_trial, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
        rc = store_sql_step(st, err);
    }
    if (rc > 0) {
        rc = view_trial_value(v, a, st, ret, err);
        if (rc == 0)
            value_put(a, *ret, "why", view_row_json(a, st, 14));
    } else if (rc == 0) {
        rc = no_trial(err, sweep, number);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

/* What the attempt held besides its slot. */
static void grant_put(struct arena *a, struct value *v, const struct value *grant)
{
    static const char *const keys[] = {"gpus", "cpus", "memory", "workdir", "dir"};
    const struct value *slots = value_get(grant, "slots");
    struct value *list = value_list(a);
    if (!slots)
        value_push(a, list, value_copy(a, value_get(v, "slot")));
    value_put(a, v, "slots", slots ? value_copy(a, slots) : list);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct value *item = value_get(grant, keys[i]);
        value_put(a, v, keys[i], item ? value_copy(a, item) : value_null(a));
    }
}

static struct value *attempt_value(struct arena *a, sqlite3_stmt *st)
{
    static const char *const counts[] = {"code",       "signal",         "points",
                                         "bad_lines",  "log_dropped",    "dropped_values",
                                         "long_lines", "stdout_dropped", "rewrites"};
    struct value *v = value_dict(a);
    value_put(a, v, "attempt", view_row_int(a, st, 0));
    value_put(a, v, "state", view_row_text(a, st, 1));
    value_put(a, v, "stop", view_row_text(a, st, 2));
    value_put(a, v, "reason", view_row_text(a, st, 3));
    value_put(a, v, "superseded", value_bool(a, sqlite3_column_int(st, 21) != 0));
    value_put(a, v, "agent", view_row_text(a, st, 4));
    value_put(a, v, "slot", view_row_int(a, st, 5));
    value_put(a, v, "started", view_row_time(a, st, 6));
    value_put(a, v, "ended", view_row_time(a, st, 7));
    value_put(a, v, "duration", view_row_time(a, st, 18));
    value_put(a, v, "text", view_row_text(a, st, 8));
    for (int i = 0; i < 9; i++)
        value_put(a, v, counts[i], view_row_int(a, st, 9 + i));
    struct cause_end end = cause_of_attempt(v);
    enum trial_state state = trial_reason_state(end.reason);
    bool failed = state == TRIAL_FAILED || state == TRIAL_LOST;
    value_put(a, v, "cause", failed ? value_str(a, cause_text(a, &end)) : value_null(a));
    grant_put(a, v, view_row_json(a, st, 20));
    return v;
}

/* Adds "attempts_list" to the trial, and "stopped" of the one that counts. */
static int read_attempts(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                         struct value *trial, struct value *list, struct err *err)
{
    struct value *stopped = value_null(a);
    sqlite3_stmt *st = NULL;
    int rc =
        store_sql_use(v->db, &st,
                      "SELECT number, a.state, stop, a.reason, a.agent, a.slot, launched, a.ended,"
                      " a.text, code, signal, points, bad_lines, log_dropped, dropped_values,"
                      " long_lines, stdout_dropped, rewrites, a.ran, a.stop_why, a.grant,"
                      /* Another attempt counts in its place. */
                      " a.reason = 'superseded' OR (a.reason = 'host' AND number < t.current)"
                      " FROM sweep s JOIN trial t ON t.id = s.n << 40 | ?2"
                      " JOIN attempt a ON a.trial = t.id"
                      " WHERE s.id = ?1 ORDER BY number",
                      err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        struct value *one = attempt_value(a, st);
        value_push(a, list, one);
        if (value_same(value_get(one, "attempt"), value_get(trial, "attempt")))
            stopped = view_row_json(a, st, 19);
    }
    sqlite3_finalize(st);
    value_put(a, trial, "stopped", stopped);
    value_put(a, trial, "attempts_list", list);
    return rc;
}

static struct value *rung_value(struct arena *a, sqlite3_stmt *st)
{
    static const char *const numbers[] = {"value", "compared", "threshold"};
    struct value *v = value_dict(a);
    value_put(a, v, "rung", view_row_int(a, st, 0));
    for (int i = 0; i < 3; i++)
        value_put(a, v, numbers[i], objective_value(a, st, 1 + i));
    value_put(a, v, "rank", view_row_int(a, st, 4));
    value_put(a, v, "of", view_row_int(a, st, 5));
    return v;
}

/* The trial's standing at each band of early_terminate that it reached. */
static int read_rungs(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                      struct value *list, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st,
                           "SELECT iterations, value, compared, threshold, rank, trials"
                           " FROM rung JOIN sweep s ON trial = s.n << 40 | ?2"
                           " WHERE s.id = ?1 ORDER BY iterations",
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        store_sql_u64(st, 2, number);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, list, rung_value(a, st));
    sqlite3_finalize(st);
    return rc;
}

static const char *const losses[] = {"bad_lines", "dropped_values", "long_lines", "stdout_dropped",
                                     "rewrites"};

/* As count_add() adds: sum() fails where it overflows. */
#define SUM(column) " CAST(min(total(" #column "), 1 << 53) AS INTEGER)"

static const char select_losses[] =
    "SELECT count(DISTINCT trial), max(trial) & ((1 << 40) - 1)"
    "," SUM(bad_lines) "," SUM(dropped_values) "," SUM(long_lines) "," SUM(stdout_dropped) "," SUM(
        rewrites) " FROM sweep s JOIN attempt ON trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"
                  " WHERE s.id = ?1 AND " STORE_LOSSY;

enum { LOSSES = sizeof losses / sizeof *losses };

int view_losses(struct view *v, struct arena *a, const char *sweep, struct value **ret,
                struct err *err)
{
    sqlite3_stmt *st = NULL;
    *ret = NULL;
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s/losses", sweep), ret, err);
    int rc = store_sql_use(v->db, &st, select_losses, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        rc = store_sql_step(st, err);
    }
    if (rc > 0 && sqlite3_column_int64(st, 0) > 0) {
        *ret = value_dict(a);
        value_put(a, *ret, "trials", view_row_int(a, st, 0));
        value_put(a, *ret, "trial", view_row_int(a, st, 1));
        for (int i = 0; i < LOSSES; i++)
            value_put(a, *ret, losses[i], view_row_int(a, st, 2 + i));
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

const struct value *view_trial_attempt(const struct value *trial)
{
    const struct value *list = value_get(trial, "attempts_list");
    size_t n = list && list->kind == VALUE_LIST ? list->list.n : 0;
    int64_t number = value_get_int(trial, "attempt", 0);
    for (size_t i = 0; i < n; i++)
        if (value_get_int(list->list.items[i], "attempt", 0) == number)
            return list->list.items[i];
    return NULL;
}

/* It has ended so, or is being ended. */
static bool trial_is_ended_by_user(const struct value *trial)
{
    const char *reason = strcmp(value_get_str(trial, "state", ""), "running") == 0
                             ? value_get_str(view_trial_attempt(trial), "stop", "")
                             : value_get_str(trial, "reason", "");
    return strcmp(reason, "user") == 0;
}

int view_trial(struct view *v, struct arena *a, const char *sweep, uint64_t number,
               struct value **ret, struct err *err)
{
    struct value *list = value_list(a), *rungs = value_list(a), *actor = value_null(a);
    if (v->remote)
        return v->remote->get(v->remote, a,
                              arena_printf(a, "trials/%s-%llu", sweep, (unsigned long long)number),
                              ret, err);
    int rc = view_row_begin(v, err);
    if (rc < 0)
        return rc;
    rc = view_trial_read(v, a, sweep, number, ret, err);
    if (rc == 0)
        rc = read_attempts(v, a, sweep, number, *ret, list, err);
    if (rc >= 0)
        rc = read_rungs(v, a, sweep, number, rungs, err);
    if (rc >= 0 && trial_is_ended_by_user(*ret))
        rc = view_actor_find(v, a, sweep, number, &actor, err);
    if (rc >= 0)
        rc = view_command_add(v, a, sweep, *ret, err);
    view_row_end(v);
    if (rc >= 0)
        rc = view_system_add(v, a, sweep, number, list, err);
    if (rc < 0)
        return rc;
    value_put(a, *ret, "stopped_by", actor);
    value_put(a, *ret, "rungs", rungs);
    const struct value *counts = view_trial_attempt(*ret);
    for (int i = 0; i < LOSSES; i++)
        value_put(a, *ret, losses[i], value_int(a, value_get_int(counts, losses[i], 0)));
    return 0;
}
