/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/core/grant.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/store_schema.h"
#include "language/spec_read.h"
#include "orchestrator/view/view_row.h"

#define SELECT_SWEEPS                                                                             \
    "SELECT id, name, path, workdir, seed, total, created, state, reason, text, ended, proposed," \
    " counts, failure_streak, best, best_objective, content, n, failure_last, "                   \
    "metric_streak, until, busy, busy_from, busy_to, gpu_time, snapshot, folder FROM sweep LEFT " \
    "JOIN "                                                                                       \
    "spec ON sweep = n"

static const char select_sweeps[] = SELECT_SWEEPS
    " WHERE state NOT IN ('finished', 'cancelled') OR id = ?1"
    " OR n IN (SELECT id >> 40 FROM trial WHERE state IN ('pending', 'running')) ORDER BY n";
static const char select_sweep[] = SELECT_SWEEPS " WHERE id = ?1";

static const char select_trials[] =
    "SELECT t.id, t.state, t.reason, cursor, params, why, failed, lost, created, started,"
    " t.ended, objective, step,"
    " a.number, a.state, stop, a.reason, a.agent, a.slot, launched, a.ended, code, signal, text,"
    " file_bytes, stdout_bytes, next_step, points, bad_lines, log_dropped, objective_step, a.ran,"
    " dropped_values, iterations, iteration_step, stop_why, long_lines, stdout_dropped,"
    " rewrites, iteration_best, a.grant, lost_on, attempts"
    " FROM trial t LEFT JOIN attempt a ON a.trial = t.id AND a.number = t.current"
    " WHERE t.state IN ('pending', 'running') AND t.id BETWEEN ?1 AND ?2 ORDER BY t.id";

static const char select_rungs[] =
    "SELECT trial, iterations, value FROM rung WHERE trial BETWEEN ?1 AND ?2"
    " ORDER BY trial, iterations";

/* The load in progress: its target and its connection. */
struct loading {
    struct store *store; /* remembers the rows of sweeps; NULL: nothing does */
    struct arena *scratch;
    sqlite3 *db;
    sqlite3_stmt *sweeps, *trials, *metrics;
};

static int row_damaged(struct err *err, const char *what, const char *of)
{
    return err_set(err, ERR_DAMAGED, "a row of the store is damaged: %s of %s", what, of);
}

static char *dup_column(sqlite3_stmt *st, int at)
{
    const char *text = store_sql_get_text_or_null(st, at);
    return text ? mem_strdup(text) : NULL;
}

static bool find_reason(sqlite3_stmt *st, int at, enum trial_reason *ret)
{
    int reason = trial_reason_find(store_sql_get_text(st, at));
    *ret = reason < 0 ? REASON_NONE : (enum trial_reason)reason;
    return reason >= 0;
}

static int read_json(struct loading *l, const char *text, struct value **ret, struct err *err)
{
    return json_parse(l->scratch, text, strlen(text), ret, err);
}

static int load_spec(struct loading *l, sqlite3_stmt *st, struct book_sweep *b, struct err *err)
{
    struct value *content, *counts;
    if (read_json(l, store_sql_get_text(st, 12), &counts, err) < 0)
        return row_damaged(err, "the counts", b->id);
    for (int i = 0; i < TRIAL_STATES; i++)
        b->counts[i] = (uint64_t)value_get_int(counts, trial_states[i].name, 0);
    if (read_json(l, store_sql_get_text(st, 16), &content, NULL) < 0)
        content = value_null(l->scratch);
    books_read_spec(b, content);
    return 0;
}

/* Enqueued trials have the cursor STRATEGY_ENQUEUED. */
static int load_enqueued(struct loading *l, struct book_sweep *b, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(l->db, &st,
                           "SELECT count(*) FROM sweep s JOIN trial t ON t.id >= s.n << 40 AND"
                           " t.id < s.n + 1 << 40 WHERE s.id = ?1 AND " STORE_ENQUEUED,
                           err);
    if (rc == 0) {
        store_sql_text(st, 1, b->id);
        if ((rc = store_sql_step(st, err)) > 0)
            b->enqueued = store_sql_get_u64(st, 0);
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int load_sweep(struct loading *l, sqlite3_stmt *st, struct book_sweep *b, struct err *err)
{
    b->name = dup_column(st, 1);
    b->path = mem_strdup(store_sql_get_text(st, 2));
    b->workdir = mem_strdup(store_sql_get_text(st, 3));
    b->seed = store_sql_get_u64(st, 4);
    b->total = store_sql_get_u64(st, 5);
    b->created_ms = sqlite3_column_int64(st, 6);
    b->state = machine_find(sweep_states, SWEEP_STATES, store_sql_get_text(st, 7));
    if (b->state < 0 || !find_reason(st, 8, &b->reason))
        return row_damaged(err, "the state", b->id);
    b->text = dup_column(st, 9);
    b->ended_ms = sqlite3_column_int64(st, 10);
    b->proposed = store_sql_get_u64(st, 11);
    b->failure_streak = (uint32_t)store_sql_get_u64(st, 13);
    b->failure_ms = sqlite3_column_int64(st, 18);
    b->metric_streak = (uint32_t)store_sql_get_u64(st, 19);
    b->until_ms = sqlite3_column_int64(st, 20);
    b->busy_ms = sqlite3_column_int64(st, 21);
    b->busy_from_ms = sqlite3_column_int64(st, 22);
    b->busy_to_ms = sqlite3_column_int64(st, 23);
    b->gpu_us = sqlite3_column_int64(st, 24);
    b->snapshot = dup_column(st, 25);
    b->folder = dup_column(st, 26);
    b->best.known = !store_sql_is_null(st, 14);
    if (b->best.known) {
        b->best.trial = store_sql_get_u64(st, 14);
        b->best.value = store_sql_get_number(st, 15);
    }
    int rc = load_spec(l, st, b, err);
    arena_clear(l->scratch);
    return rc == 0 ? load_enqueued(l, b, err) : rc;
}

static int load_metrics(struct loading *l, uint64_t row, struct book_trial *t, struct err *err)
{
    int rc = store_sql_use(l->db, &l->metrics,
                           "SELECT key, value FROM metric WHERE trial=? ORDER BY place", err);
    if (rc < 0)
        return rc;
    store_sql_u64(l->metrics, 1, row);
    while ((rc = store_sql_step(l->metrics, err)) > 0)
        books_load_metric(t, store_sql_get_text(l->metrics, 0),
                          store_sql_get_number(l->metrics, 1));
    return rc;
}

static int load_grant(struct loading *l, const char *text, struct book_attempt *a, struct err *err)
{
    struct grant g;
    bool good = grant_parse(l->scratch, a->slot, text, &g);
    a->grant = text ? mem_strdup(text) : NULL;
    a->gpu_milli = good ? grant_gpu_milli(&g) : 0;
    arena_clear(l->scratch);
    return good ? 0 : row_damaged(err, "the grant", "an attempt");
}

static int load_attempt(struct loading *l, sqlite3_stmt *st, struct book_attempt *a,
                        struct err *err)
{
    a->number = (uint32_t)store_sql_get_u64(st, 13);
    a->state = machine_find(attempt_states, ATTEMPT_STATES, store_sql_get_text(st, 14));
    if (a->state < 0 || !find_reason(st, 15, &a->stop) || !find_reason(st, 16, &a->reason))
        return row_damaged(err, "the state", "an attempt");
    snprintf(a->agent, sizeof a->agent, "%s", store_sql_get_text(st, 17));
    a->slot = (uint32_t)store_sql_get_u64(st, 18);
    a->launched_ms = sqlite3_column_int64(st, 19);
    a->ended_ms = sqlite3_column_int64(st, 20);
    a->code = sqlite3_column_int(st, 21);
    a->signal = sqlite3_column_int(st, 22);
    a->text = dup_column(st, 23);
    a->offset[FACT_STREAM_FILE] = store_sql_get_u64(st, 24);
    a->offset[FACT_STREAM_STDOUT] = store_sql_get_u64(st, 25);
    a->next_step = sqlite3_column_int64(st, 26);
    a->points = store_sql_get_u64(st, 27);
    a->bad_lines = store_sql_get_u64(st, 28);
    a->log_dropped = store_sql_get_u64(st, 29);
    a->ran_ms = sqlite3_column_int64(st, 31);
    a->dropped_values = store_sql_get_u64(st, 32);
    a->stop_why = dup_column(st, 35);
    a->long_lines = store_sql_get_u64(st, 36);
    a->stdout_dropped = store_sql_get_u64(st, 37);
    a->rewrites = store_sql_get_u64(st, 38);
    return load_grant(l, store_sql_get_text_or_null(st, 40), a, err);
}

static int load_trial(struct loading *l, sqlite3_stmt *st, struct book_trial *t, struct err *err)
{
    t->state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 1));
    if (t->state < 0 || !find_reason(st, 2, &t->reason))
        return row_damaged(err, "the state", "a trial");
    t->cursor = store_sql_get_u64(st, 3);
    t->params = mem_strdup(store_sql_get_text(st, 4));
    t->why = dup_column(st, 5);
    t->failed = (uint32_t)store_sql_get_u64(st, 6);
    t->lost = (uint32_t)store_sql_get_u64(st, 7);
    t->created_ms = sqlite3_column_int64(st, 8);
    t->started_ms = sqlite3_column_int64(st, 9);
    t->ended_ms = sqlite3_column_int64(st, 10);
    t->objective.known = !store_sql_is_null(st, 11);
    t->objective.value = t->objective.known ? store_sql_get_number(st, 11) : 0;
    t->objective.step = sqlite3_column_int64(st, 30);
    t->objective.iterations = store_sql_get_u64(st, 33);
    t->objective.iteration_step = sqlite3_column_int64(st, 34);
    t->objective.iteration_best = sqlite3_column_double(st, 39);
    t->lost_on = dup_column(st, 41);
    t->attempts = (uint32_t)store_sql_get_u64(st, 42);
    t->step = store_sql_is_null(st, 12) ? POINT_NO_STEP : sqlite3_column_int64(st, 12);
    int rc = load_metrics(l, store_sql_get_u64(st, 0), t, err);
    return rc < 0 || store_sql_is_null(st, 13) ? rc : load_attempt(l, st, &t->attempt, err);
}

static int load_trials(struct loading *l, struct book_sweep *b, uint64_t n, struct err *err)
{
    int rc = store_sql_use(l->db, &l->trials, select_trials, err);
    if (rc < 0)
        return rc;
    store_sql_u64(l->trials, 1, store_trial_row(n, 0));
    store_sql_u64(l->trials, 2, store_trial_row(n + 1, 0) - 1);
    while ((rc = store_sql_step(l->trials, err)) > 0) {
        uint64_t number = store_sql_get_u64(l->trials, 0) - store_trial_row(n, 0);
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
static int load_rungs(struct loading *l, struct book_sweep *b, uint64_t n, struct err *err)
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
            rc = row_damaged(err, "a rung", b->id);
        else
            stopper_report(b->stopper, number, store_sql_get_u64(st, 1), value, value);
    }
    if (last != UINT64_MAX)
        rungs_read(b, last);
    sqlite3_finalize(st);
    return rc;
}

/* Checks the rows for everything that the core assumes, so that a damaged store cannot crash the
 * process. */
static bool trials_agree(struct loading *l, const struct book_sweep *b)
{
    uint64_t counts[TRIAL_STATES] = {0};
    void *value;
    bool good = true;
    for (size_t at = 0; good && map_next(&b->open, &at, &value);) {
        const struct book_trial *t = value;
        struct value *params = NULL;
        bool runs = t->state == TRIAL_RUNNING;
        counts[t->state]++;
        good = read_json(l, t->params, &params, NULL) == 0 && params->kind == VALUE_DICT &&
               (!runs || (t->attempt.number > 0 && t->attempt.state != ATTEMPT_ENDED));
        arena_clear(l->scratch);
    }
    return good && counts[TRIAL_PENDING] == b->counts[TRIAL_PENDING] &&
           counts[TRIAL_RUNNING] == b->counts[TRIAL_RUNNING];
}

/* Damaged trials of one sweep must not lock the other sweeps. */
static int load_open(struct loading *l, struct book_sweep *b, uint64_t n, struct err *err)
{
    struct err why = {0};
    int rc = load_trials(l, b, n, &why);
    if (rc == 0)
        rc = load_rungs(l, b, n, &why);
    if (rc == 0 && !trials_agree(l, b))
        rc = err_set(&why, ERR_DAMAGED, "its open trials are damaged: see besom check");
    if (rc == ERR_DAMAGED)
        books_leave_trials(b, why.text);
    else if (rc < 0)
        *err = why;
    return rc == ERR_DAMAGED ? 0 : rc;
}

static int load_books(struct loading *l, const char *sql, const char *sweep, struct books *b,
                      struct err *err)
{
    int rc = store_sql_use(l->db, &l->sweeps, sql, err);
    if (rc < 0)
        return rc;
    store_sql_text(l->sweeps, 1, sweep);
    while ((rc = store_sql_step(l->sweeps, err)) > 0) {
        struct book_sweep *one;
        const char *id = store_sql_get_text(l->sweeps, 0);
        uint64_t n = store_sql_get_u64(l->sweeps, 17);
        if (strlen(id) >= sizeof one->id || books_sweep(b, id))
            return row_damaged(err, "the id", id);
        one = books_add_sweep(b, books_sweep_new(id));
        if (l->store)
            store_sweep_put(l->store, id, n);
        if ((rc = load_sweep(l, l->sweeps, one, err)) < 0 || (rc = load_open(l, one, n, err)) < 0)
            return rc;
    }
    return rc;
}

static int load_over(struct loading l, const char *sql, const char *sweep, struct books *b,
                     struct err *err)
{
    int rc = load_books(&l, sql, sweep, b, err);
    sqlite3_finalize(l.sweeps);
    sqlite3_finalize(l.trials);
    sqlite3_finalize(l.metrics);
    return rc;
}

static int load_agents(sqlite3 *db, struct books *b, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(
        db, &st, "SELECT name, state, by, text, instance, since FROM agent ORDER BY seq", err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *name = store_sql_get_text(st, 0);
        int duty = duty_find(store_sql_get_text(st, 1));
        if (duty < 0 || !name[0] || strlen(name) >= sizeof((struct book_agent *)0)->name) {
            rc = row_damaged(err, "the state", "an agent");
            break;
        }
        books_set_agent(
            b, name,
            &(struct book_agent){.duty = (enum duty)duty,
                                 .by = (char *)(uintptr_t)store_sql_get_text_or_null(st, 2),
                                 .text = (char *)(uintptr_t)store_sql_get_text_or_null(st, 3),
                                 .instance = store_sql_get_u64(st, 4),
                                 .since_ms = sqlite3_column_int64(st, 5)});
    }
    sqlite3_finalize(st);
    return rc;
}

static int load_token(sqlite3_stmt *st, struct trust *t, struct err *err)
{
    struct trust_credential *c = mem_alloc(sizeof *c);
    int scope = credential_scope_find(store_sql_get_text(st, 2));
    int form = credential_form_find(store_sql_get_text(st, 3));
    c->n = store_sql_get_u64(st, 0);
    snprintf(c->id, sizeof c->id, "%s", store_sql_get_text(st, 1));
    c->scope = (enum credential_scope)scope;
    c->form = (enum credential_form)form;
    snprintf(c->hash, sizeof c->hash, "%s", store_sql_get_text(st, 4));
    c->name = dup_column(st, 5);
    c->store = mem_strdup(store_sql_get_text(st, 6));
    c->by = mem_strdup(store_sql_get_text(st, 7));
    c->created_ms = sqlite3_column_int64(st, 8);
    c->expires_ms = sqlite3_column_int64(st, 9);
    c->used_ms = sqlite3_column_int64(st, 10);
    c->revoked_ms = sqlite3_column_int64(st, 11);
    c->revoked_by = dup_column(st, 12);
    if (scope >= 0 && form >= 0)
        return trust_load(t, c, err);
    trust_free_credential(c);
    return row_damaged(err, "the scope or form", "a token");
}

static int load_tokens(sqlite3 *db, struct trust *t, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(db, &st,
                           "SELECT n, id, scope, form, hash, name, store, made_by, created,"
                           " expires, used, revoked, revoked_by FROM token ORDER BY n",
                           err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        rc = load_token(st, t, err);
    sqlite3_finalize(st);
    return rc;
}

int store_load(struct store *s, const char *sweep, struct books *b, struct err *err)
{
    int rc = store_refuse(s, err);
    if (rc == 0)
        rc = load_tokens(s->db, &b->trust, err);
    if (rc == 0)
        rc = load_over((struct loading){.store = s, .scratch = &s->scratch, .db = s->db},
                       select_sweeps, sweep, b, err);
    if (rc == 0)
        rc = load_agents(s->db, b, err);
    b->seq = s->seq;
    return rc;
}

int store_load_ended(struct store *s, struct view *v, const char *sweep, struct book_sweep **ret,
                     struct err *err)
{
    struct books b;
    *ret = NULL;
    books_init(&b);
    int rc = view_row_begin(v, err);
    if (rc == 0) {
        rc = load_over((struct loading){.store = s, .scratch = &s->scratch, .db = v->db},
                       select_sweep, sweep, &b, err);
        view_row_end(v);
    }
    struct book_sweep *one = books_sweep(&b, sweep);
    if (rc == 0 && one && sweep_states[one->state].final && one->open.live == 0) {
        map_remove(&b.sweeps, one->id, strlen(one->id));
        *ret = one;
    }
    books_done(&b);
    return rc;
}

int store_load_beside(struct view *v, const char *sweep, struct books *b, struct err *err)
{
    struct arena scratch;
    int64_t seq = 0;
    arena_init(&scratch);
    int rc = view_row_begin(v, err);
    if (rc == 0) {
        rc = store_schema_last_seq(v->db, &seq, err);
        if (rc == 0)
            rc = load_over((struct loading){.scratch = &scratch, .db = v->db}, select_sweep, sweep,
                           b, err);
        view_row_end(v);
    }
    b->seq = (uint64_t)seq;
    arena_done(&scratch);
    return rc;
}
