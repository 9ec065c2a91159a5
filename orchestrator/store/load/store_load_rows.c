/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/load/store_load_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/core/books_aside.h"
#include "orchestrator/core/grant.h"
#include "orchestrator/store/store_inside.h"

/* As load_attempt() reads them, from the first column on. */
#define ATTEMPT_COLUMNS                                                                          \
    "a.number, a.state, stop, a.reason, a.agent, a.slot, launched, a.ended, code, signal, text," \
    " file_bytes, stdout_bytes, next_step, points, bad_lines, log_dropped, a.ran,"               \
    " dropped_values, stop_why, long_lines, stdout_dropped, rewrites, a.grant, system_bytes, "   \
    "samples"
enum { ATTEMPT_COLUMNS_N = 26 };

#define SELECT_TRIALS                                                                        \
    "SELECT " ATTEMPT_COLUMNS                                                                \
    ", t.id, t.state, t.reason, cursor, params, why, failed, lost, created, started,"        \
    " t.ended, objective, objective_step, step, iterations, iteration_step, iteration_best," \
    " lost_on, attempts"                                                                     \
    " FROM trial t LEFT JOIN attempt a ON a.trial = t.id AND a.number = t.current"

static const char select_trials[] =
    SELECT_TRIALS " WHERE t.state IN ('pending', 'running') AND t.id BETWEEN ?1 AND ?2"
                  " ORDER BY t.id";

static const char select_trial[] = SELECT_TRIALS " WHERE t.id = ?1";

static const char select_asides[] = "SELECT " ATTEMPT_COLUMNS ", aside FROM attempt a"
                                    " WHERE trial = ? AND aside IS NOT NULL ORDER BY number";

static const char select_rungs[] =
    "SELECT trial, iterations, value FROM rung WHERE trial BETWEEN ?1 AND ?2"
    " ORDER BY trial, iterations";

int store_load_rows_damaged(struct err *err, const char *what, const char *of)
{
    return err_set(err, ERR_DAMAGED, "a row of the store is damaged: %s of %s", what, of);
}

char *store_load_rows_text(sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? mem_strdup(text) : NULL;
}

bool store_load_rows_reason(sqlite3_stmt *st, int at, enum trial_reason *ret)
{
    int reason = trial_reason_find(store_sql_get_text(st, at));
    *ret = reason < 0 ? REASON_NONE : (enum trial_reason)reason;
    return reason >= 0;
}

static int load_metrics(struct store_load_rows *l, uint64_t row, struct book_trial *t,
                        struct err *err)
{
    int rc = store_sql_use(l->db, &l->metrics,
                           "SELECT key, value FROM metric WHERE trial=? ORDER BY place", err);
    if (rc < 0)
        return rc;
    store_sql_u64(l->metrics, 1, row);
    while ((rc = store_sql_step(l->metrics, err)) > 0)
        books_load_metric(&t->last, store_sql_get_text(l->metrics, 0),
                          store_sql_get_number(l->metrics, 1));
    return rc;
}

static int load_grant(struct store_load_rows *l, const char *text, struct book_attempt *a,
                      struct err *err)
{
    struct grant g;
    bool good = grant_parse(l->scratch, a->slot, text, &g);
    a->grant = text ? mem_strdup(text) : NULL;
    a->gpu_milli = good ? grant_gpu_milli(&g) : 0;
    arena_clear(l->scratch);
    return good ? 0 : store_load_rows_damaged(err, "the grant", "an attempt");
}

static int load_attempt(struct store_load_rows *l, sqlite3_stmt *st, struct book_attempt *a,
                        struct err *err)
{
    a->number = (uint32_t)store_sql_get_u64(st, 0);
    a->state = machine_find(attempt_states, ATTEMPT_STATES, store_sql_get_text(st, 1));
    if (a->state < 0 || !store_load_rows_reason(st, 2, &a->stop) ||
        !store_load_rows_reason(st, 3, &a->reason))
        return store_load_rows_damaged(err, "the state", "an attempt");
    snprintf(a->agent, sizeof a->agent, "%s", store_sql_get_text(st, 4));
    a->slot = (uint32_t)store_sql_get_u64(st, 5);
    a->launched_ms = sqlite3_column_int64(st, 6);
    a->ended_ms = sqlite3_column_int64(st, 7);
    a->code = sqlite3_column_int(st, 8);
    a->signal = sqlite3_column_int(st, 9);
    a->text = store_load_rows_text(st, 10);
    a->offset[FACT_STREAM_FILE] = store_sql_get_u64(st, 11);
    a->offset[FACT_STREAM_STDOUT] = store_sql_get_u64(st, 12);
    a->next_step = sqlite3_column_int64(st, 13);
    a->points = store_sql_get_u64(st, 14);
    a->bad_lines = store_sql_get_u64(st, 15);
    a->log_dropped = store_sql_get_u64(st, 16);
    a->ran_ms = sqlite3_column_int64(st, 17);
    a->dropped_values = store_sql_get_u64(st, 18);
    a->stop_why = store_load_rows_text(st, 19);
    a->long_lines = store_sql_get_u64(st, 20);
    a->stdout_dropped = store_sql_get_u64(st, 21);
    a->rewrites = store_sql_get_u64(st, 22);
    a->offset[FACT_STREAM_SYSTEM] = store_sql_get_u64(st, 24);
    a->samples = store_sql_get_u64(st, 25);
    return load_grant(l, store_sql_get_text_or_null(st, 23), a, err);
}

static int load_aside(struct store_load_rows *l, sqlite3_stmt *st, struct book_trial *t,
                      struct err *err)
{
    struct book_aside aside = {0};
    int rc = books_aside_read(l->scratch, store_sql_get_text(st, ATTEMPT_COLUMNS_N), &aside);
    arena_clear(l->scratch);
    if (rc < 0)
        return store_load_rows_damaged(err, "what was reported", "a lost attempt");
    rc = load_attempt(l, st, &aside.attempt, err);
    books_trial_load_aside(t, &aside);
    return rc == 0 && !books_trial_may_return(&aside.attempt)
               ? store_load_rows_damaged(err, "the end", "a lost attempt")
               : rc;
}

/* Most trials have had one attempt, and none aside. */
static int load_asides(struct store_load_rows *l, uint64_t row, struct book_trial *t,
                       struct err *err)
{
    int rc = t->attempts > 1 ? store_sql_use(l->db, &l->asides, select_asides, err) : 0;
    if (rc < 0 || t->attempts <= 1)
        return rc;
    store_sql_u64(l->asides, 1, row);
    while ((rc = store_sql_step(l->asides, err)) > 0)
        if ((rc = load_aside(l, l->asides, t, err)) < 0)
            break;
    return rc;
}

static int load_trial(struct store_load_rows *l, sqlite3_stmt *st, struct book_trial *t,
                      struct err *err)
{
    const int at = ATTEMPT_COLUMNS_N;
    t->state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, at + 1));
    if (t->state < 0 || !store_load_rows_reason(st, at + 2, &t->reason))
        return store_load_rows_damaged(err, "the state", "a trial");
    t->cursor = store_sql_get_u64(st, at + 3);
    t->params = mem_strdup(store_sql_get_text(st, at + 4));
    t->why = store_load_rows_text(st, at + 5);
    t->failed = (uint32_t)store_sql_get_u64(st, at + 6);
    t->lost = (uint32_t)store_sql_get_u64(st, at + 7);
    t->created_ms = sqlite3_column_int64(st, at + 8);
    t->started_ms = sqlite3_column_int64(st, at + 9);
    t->ended_ms = sqlite3_column_int64(st, at + 10);
    t->objective.known = !store_sql_is_null(st, at + 11);
    t->objective.value = t->objective.known ? store_sql_get_number(st, at + 11) : 0;
    t->objective.step = sqlite3_column_int64(st, at + 12);
    t->step = store_sql_is_null(st, at + 13) ? POINT_NO_STEP : sqlite3_column_int64(st, at + 13);
    t->objective.iterations = store_sql_get_u64(st, at + 14);
    t->objective.iteration_step = sqlite3_column_int64(st, at + 15);
    t->objective.iteration_best = sqlite3_column_double(st, at + 16);
    t->lost_on = store_load_rows_text(st, at + 17);
    t->attempts = (uint32_t)store_sql_get_u64(st, at + 18);
    uint64_t row = store_sql_get_u64(st, at);
    int rc = load_metrics(l, row, t, err);
    if (rc == 0 && !store_sql_is_null(st, 0))
        rc = load_attempt(l, st, &t->attempt, err);
    return rc == 0 ? load_asides(l, row, t, err) : rc;
}

static int load_trials(struct store_load_rows *l, struct book_sweep *b, uint64_t n, struct err *err)
{
    int rc = store_sql_use(l->db, &l->trials, select_trials, err);
    if (rc < 0)
        return rc;
    store_sql_u64(l->trials, 1, store_trial_row(n, 0));
    store_sql_u64(l->trials, 2, store_trial_row(n + 1, 0) - 1);
    while ((rc = store_sql_step(l->trials, err)) > 0) {
        uint64_t row = store_sql_get_u64(l->trials, ATTEMPT_COLUMNS_N);
        uint64_t number = row - store_trial_row(n, 0);
        struct book_trial *t = books_trial_new(number);
        if ((rc = load_trial(l, l->trials, t, err)) < 0) {
            books_trial_free(t);
            return rc;
        }
        books_add_trial(b, t);
    }
    return rc;
}

static void rungs_read(struct book_sweep *b, uint64_t number)
{
    struct book_trial *t = books_trial(b, number);
    if (t)
        t->rungs_kept = stopper_rungs(b->stopper, number);
    else
        stopper_forget(b->stopper, number);
}

/* The rungs of all trials of the sweep: running trials are compared with ended ones. */
static int load_rungs(struct store_load_rows *l, struct book_sweep *b, uint64_t n, struct err *err)
{
    sqlite3_stmt *st = NULL;
    uint64_t last = UINT64_MAX;
    if (!b->stopper)
        return 0;
    int rc = store_sql_use(l->db, &st, select_rungs, err);
    if (rc == 0) {
        store_sql_u64(st, 1, store_trial_row(n, 0));
        store_sql_u64(st, 2, store_trial_row(n + 1, 0) - 1);
    }
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        uint64_t number = store_sql_get_u64(st, 0) - store_trial_row(n, 0);
        double value = sqlite3_column_double(st, 2);
        if (number != last && last != UINT64_MAX)
            rungs_read(b, last);
        last = number;
        if (!isfinite(value))
            rc = store_load_rows_damaged(err, "a rung", b->id);
        else
            stopper_report(b->stopper, number, store_sql_get_u64(st, 1), value, value);
    }
    if (last != UINT64_MAX)
        rungs_read(b, last);
    sqlite3_finalize(st);
    return rc;
}

/* Each agent is followed by a line end. */
static bool lost_on_is_whole(const char *agents)
{
    return !agents || (agents[0] && agents[strlen(agents) - 1] == '\n');
}

static bool trial_agrees(struct store_load_rows *l, const struct book_trial *t)
{
    struct value *params = NULL;
    bool good =
        json_parse(l->scratch, t->params, strlen(t->params), &params, NULL) == 0 &&
        params->kind == VALUE_DICT && lost_on_is_whole(t->lost_on) &&
        (t->state != TRIAL_RUNNING || (t->attempt.number > 0 && t->attempt.state != ATTEMPT_ENDED));
    arena_clear(l->scratch);
    return good;
}

/* Checks the rows for everything that the core assumes, so that a damaged store cannot crash the
 * process. */
static bool trials_agree(struct store_load_rows *l, const struct book_sweep *b)
{
    uint64_t counts[TRIAL_STATES] = {0};
    void *value;
    bool good = true;
    for (size_t at = 0; good && map_next(&b->open, &at, &value);) {
        const struct book_trial *t = value;
        counts[t->state]++;
        good = trial_agrees(l, t);
    }
    return good && counts[TRIAL_PENDING] == b->counts[TRIAL_PENDING] &&
           counts[TRIAL_RUNNING] == b->counts[TRIAL_RUNNING];
}

int store_load_rows_trials(struct store_load_rows *l, struct book_sweep *b, uint64_t n,
                           struct err *err)
{
    int rc = load_trials(l, b, n, err);
    if (rc == 0)
        rc = load_rungs(l, b, n, err);
    if (rc == 0 && !trials_agree(l, b))
        rc = err_set(err, ERR_DAMAGED, "its open trials are damaged: see besom check");
    return rc;
}

int store_load_rows_trial(struct store_load_rows *l, uint64_t row, struct book_trial **ret,
                          struct err *err)
{
    int rc = store_sql_use(l->db, &l->trials, select_trial, err);
    if (rc < 0)
        return rc;
    store_sql_u64(l->trials, 1, row);
    if ((rc = store_sql_step(l->trials, err)) <= 0)
        return rc < 0 ? rc : store_load_rows_damaged(err, "a trial", "a sweep");
    struct book_trial *t = books_trial_new(store_trial_number(row));
    rc = load_trial(l, l->trials, t, err);
    if (rc == 0 && !trial_agrees(l, t))
        rc = store_load_rows_damaged(err, "the configuration or the losses", "a trial");
    if (rc == 0)
        *ret = t;
    else
        books_trial_free(t);
    return rc;
}

void store_load_rows_done(struct store_load_rows *l)
{
    sqlite3_finalize(l->trials);
    sqlite3_finalize(l->asides);
    sqlite3_finalize(l->metrics);
}
