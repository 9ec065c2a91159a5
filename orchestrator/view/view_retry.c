/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/view_retry.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/core/books.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

/* ?2: a trial's number, or NULL for all. ?3: whether to take only trials that ended without a
 * result; ?4: also those that finished without the metric. */
static const char select_trials[] =
    "SELECT t.id, t.state, cursor, params, why, attempts, agent, slot, t.ran, t.started,"
    " iterations, iteration_step, t.created, iteration_best, objective" VIEW_TRIALS_OF_SWEEP
    " WHERE s.id = ?1 AND (?2 IS NULL OR t.id = s.n << 40 | ?2)"
    " AND (NOT ?3 OR t.state NOT IN ('pending', 'running', 'finished', 'stopped')"
    " OR (?4 AND t.state = 'finished' AND objective IS NULL)) ORDER BY t.id";

/* The trials of the newest attempts in which the script itself failed quickly. */
static const char select_quick[] =
    "SELECT DISTINCT trial & ((1 << 40) - 1) FROM (SELECT trial FROM attempt, sweep s"
    " WHERE s.id = ?1 AND trial BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"
    " AND attempt.state = 'ended' AND attempt.reason IN ('exit', 'launch', 'signal')"
    " AND (attempt.reason <> 'signal' OR attempt.signal NOT IN (2, 9, 15))"
    " AND attempt.ran < ?2 ORDER BY attempt.ended DESC LIMIT ?3) ORDER BY 1";

static int rungs_read(struct view *v, struct arena *a, uint64_t row, struct fact *f,
                      struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct value *rungs = value_list(a);
    int rc =
        store_sql_use(v->db, &st, "SELECT value FROM rung WHERE trial=? ORDER BY iterations", err);
    if (rc == 0)
        store_sql_u64(st, 1, row);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        value_push(a, rungs, value_float(a, sqlite3_column_double(st, 0)));
    sqlite3_finalize(st);
    f->rungs = rungs->list.n ? rungs : NULL;
    return rc;
}

static int trial_read(struct view *v, struct arena *a, sqlite3_stmt *st, struct fact *ret,
                      struct err *err)
{
    uint64_t row = store_sql_get_u64(st, 0);
    *ret =
        (struct fact){.kind = FACT_RETRIED,
                      .trial = store_trial_number(row),
                      .state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 1)),
                      .cursor = store_sql_get_u64(st, 2),
                      .params = view_row_json(a, st, 3),
                      .why = store_sql_is_null(st, 4) ? NULL : view_row_json(a, st, 4),
                      .attempt = (uint32_t)store_sql_get_u64(st, 5),
                      .agent = arena_strdup(a, store_sql_get_text(st, 6)),
                      .slot = (uint32_t)store_sql_get_u64(st, 7),
                      .ran_ms = sqlite3_column_int64(st, 8),
                      .started_ms = sqlite3_column_int64(st, 9),
                      .iterations = store_sql_get_u64(st, 10),
                      .iteration_step = sqlite3_column_int64(st, 11),
                      .created_ms = sqlite3_column_int64(st, 12),
                      .iteration_best = sqlite3_column_double(st, 13),
                      .measured = !store_sql_is_null(st, 14)};
    if (ret->state < 0 || ret->params->kind != VALUE_DICT)
        return err_set(err, ERR_DAMAGED, "a row of the store is damaged: trial %llu",
                       (unsigned long long)ret->trial);
    return rungs_read(v, a, row, ret, err);
}

struct found {
    struct fact *trials;
    size_t n, cap;
};

static int trials_find(struct view *v, struct arena *a, const char *sweep, const uint64_t *number,
                       unsigned states, struct found *found, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(v->db, &st, select_trials, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        if (number)
            store_sql_u64(st, 2, *number);
        sqlite3_bind_int(st, 3, number == NULL);
        sqlite3_bind_int(st, 4, (states & MACHINE_TO(TRIAL_FINISHED)) != 0);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        found->trials = mem_grow(found->trials, &found->cap, found->n + 1, sizeof *found->trials);
        rc = trial_read(v, a, st, &found->trials[found->n++], err);
    }
    sqlite3_finalize(st);
    return rc;
}

static int quick_find(struct view *v, struct arena *a, const char *sweep, struct event_retry *retry,
                      struct err *err)
{
    sqlite3_stmt *st = NULL;
    uint64_t *numbers = arena_alloc(a, retry->quick_n * sizeof *numbers);
    int rc = store_sql_use(v->db, &st, select_quick, err);
    if (rc == 0) {
        store_sql_text(st, 1, sweep);
        sqlite3_bind_int(st, 2, BOOKS_QUICK_FAILURE_MS);
        store_sql_u64(st, 3, retry->quick_n);
    }
    retry->numbers = numbers;
    retry->numbers_n = 0;
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        numbers[retry->numbers_n++] = store_sql_get_u64(st, 0);
    sqlite3_finalize(st);
    return rc;
}

int view_retry(struct view *v, struct arena *a, const char *sweep, struct event_retry *retry,
               struct err *err)
{
    struct found found = {0};
    int rc = view_row_begin(v, err);
    if (rc != 0)
        return rc;
    if (retry->quick_n > 0)
        rc = quick_find(v, a, sweep, retry, err);
    if (rc == 0 && !retry->numbers)
        rc = trials_find(v, a, sweep, NULL, retry->states, &found, err);
    for (size_t i = 0; rc == 0 && retry->numbers && i < retry->numbers_n; i++)
        rc = trials_find(v, a, sweep, &retry->numbers[i], retry->states, &found, err);
    view_row_end(v);
    struct fact *trials = arena_alloc(a, found.n * sizeof *trials);
    if (found.n)
        memcpy(trials, found.trials, found.n * sizeof *trials);
    retry->trials = trials;
    retry->trials_n = found.n;
    mem_free(found.trials);
    return rc;
}

int view_retry_count(struct view *v, const char *sweep, uint64_t *ret, struct err *err)
{
    sqlite3_stmt *st = NULL;
    if (v->remote)
        return view_row_remote_count(v, sweep, "unmeasured", ret, err);
    int rc = store_sql_use(v->db, &st,
                           "SELECT count(*)" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 AND t.state = 'finished' AND objective IS NULL",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    if (rc == 0 && (rc = store_sql_step(st, err)) > 0) {
        *ret = store_sql_get_u64(st, 0);
        rc = 0;
    }
    sqlite3_finalize(st);
    return rc;
}
