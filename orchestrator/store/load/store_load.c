/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/store/store.h"
#include "orchestrator/store/store_inside.h"
#include "orchestrator/store/load/store_load_rows.h"
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

/* The load in progress: its target and its connection. */
struct loading {
    struct store *store; /* remembers the rows of sweeps; NULL: nothing does */
    struct arena *scratch;
    sqlite3 *db;
    sqlite3_stmt *sweeps;
    struct store_load_rows rows;
};

static int read_json(struct loading *l, const char *text, struct value **ret, struct err *err)
{
    return json_parse(l->scratch, text, strlen(text), ret, err);
}

static int load_spec(struct loading *l, sqlite3_stmt *st, struct book_sweep *b, struct err *err)
{
    struct value *content, *counts;
    if (read_json(l, store_sql_get_text(st, 12), &counts, err) < 0)
        return store_load_rows_damaged(err, "the counts", b->id);
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

/* The rows do not say whether the sweep had ended, and runs only what was asked for since, nor whether it
 * was edited since: its newest facts do, back to that end. Until then nothing else is proposed. */
static int load_asked(struct loading *l, struct book_sweep *b, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(
        l->db, &st,
        "SELECT kind = 'proposed', CASE WHEN json_valid(body) THEN body->>'state' END,"
        " CASE WHEN json_valid(body) THEN body->>'reason' END, kind = 'sweep_edited' FROM fact"
        " WHERE " STORE_TOLD " AND sweep = ?1 AND (kind IN ('sweep_state', 'sweep_edited') OR"
        " kind = 'proposed' AND CASE WHEN json_valid(body)"
        " THEN body->>'cursor' <> " STORE_ENQUEUED_CURSOR
        " ELSE instr(body, '\"cursor\": " STORE_ENQUEUED_CURSOR "') = 0 END)" /* of NaN */
        " ORDER BY seq DESC",
        err);
    enum trial_reason after = REASON_NONE; /* of a sweep that ran on from its end */
    bool edited = false;
    if (rc == 0)
        store_sql_text(st, 1, b->id);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0 && sqlite3_column_int(st, 0) == 0) {
        int state = machine_find(sweep_states, SWEEP_STATES, store_sql_get_text(st, 1));
        enum trial_reason reason;
        if (sqlite3_column_int(st, 3)) {
            edited = true;
            continue;
        }
        if (state < 0 || !store_load_rows_reason(st, 2, &reason))
            break;
        if (sweep_states[state].final) {
            b->only_asked = books_sweep_asked_by(after);
            b->asked_edited = b->only_asked && edited;
            b->asked_state = state;
            b->asked_reason = reason;
            break;
        }
        after = state == SWEEP_RUNNING ? reason : REASON_NONE;
    }
    sqlite3_finalize(st);
    return rc < 0 ? rc : 0;
}

static int load_sweep(struct loading *l, sqlite3_stmt *st, struct book_sweep *b, struct err *err)
{
    b->name = store_load_rows_text(st, 1);
    b->path = mem_strdup(store_sql_get_text(st, 2));
    b->workdir = mem_strdup(store_sql_get_text(st, 3));
    b->seed = store_sql_get_u64(st, 4);
    b->total = store_sql_get_u64(st, 5);
    b->created_ms = sqlite3_column_int64(st, 6);
    b->state = machine_find(sweep_states, SWEEP_STATES, store_sql_get_text(st, 7));
    if (b->state < 0 || !store_load_rows_reason(st, 8, &b->reason))
        return store_load_rows_damaged(err, "the state", b->id);
    b->text = store_load_rows_text(st, 9);
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
    b->snapshot = store_load_rows_text(st, 25);
    b->folder = store_load_rows_text(st, 26);
    b->best.known = !store_sql_is_null(st, 14);
    if (b->best.known) {
        b->best.trial = store_sql_get_u64(st, 14);
        b->best.value = store_sql_get_number(st, 15);
    }
    int rc = load_spec(l, st, b, err);
    arena_clear(l->scratch);
    if (rc == 0)
        rc = load_enqueued(l, b, err);
    return rc == 0 && !sweep_states[b->state].final ? load_asked(l, b, err) : rc;
}

/* Damaged trials of one sweep must not lock the other sweeps. */
static int load_open(struct loading *l, struct book_sweep *b, uint64_t n, struct err *err)
{
    struct err why = {0};
    int rc = store_load_rows_trials(&l->rows, b, n, &why);
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
            return store_load_rows_damaged(err, "the id", id);
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
    l.rows = (struct store_load_rows){.scratch = l.scratch, .db = l.db};
    int rc = load_books(&l, sql, sweep, b, err);
    sqlite3_finalize(l.sweeps);
    store_load_rows_done(&l.rows);
    return rc;
}

static char *load_text_or_null(sqlite3_stmt *st, int column)
{
    return (char *)(uintptr_t)store_sql_get_text_or_null(st, column);
}

static int load_agents(sqlite3 *db, struct books *b, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(db, &st,
                           "SELECT name, state, by, text, instance, since,"
                           " CASE WHEN json_valid(body) THEN body->>'$.why.sweep' END,"
                           " CASE WHEN json_valid(body) THEN body->>'$.why.error' END"
                           " FROM agent LEFT JOIN fact USING (seq) ORDER BY seq",
                           err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *name = store_sql_get_text(st, 0);
        int duty = duty_find(store_sql_get_text(st, 1));
        if (duty < 0 || !name[0] || strlen(name) >= sizeof((struct book_agent *)0)->name) {
            rc = store_load_rows_damaged(err, "the state", "an agent");
            break;
        }
        books_set_agent(b, name,
                        &(struct book_agent){.duty = (enum duty)duty,
                                             .by = load_text_or_null(st, 2),
                                             .text = load_text_or_null(st, 3),
                                             .instance = store_sql_get_u64(st, 4),
                                             .since_ms = sqlite3_column_int64(st, 5),
                                             .blamed_sweep = load_text_or_null(st, 6),
                                             .blamed_error = load_text_or_null(st, 7)});
    }
    sqlite3_finalize(st);
    return rc;
}

/* Agents that are lost: no row has them, so the facts are folded that say so. */
static int load_lost(sqlite3 *db, struct books *b, struct err *err)
{
    sqlite3_stmt *st = NULL;
    struct arena a;
    arena_init(&a);
    int rc = store_sql_use(db, &st,
                           "SELECT body FROM fact WHERE kind = 'action' AND json_valid(body)"
                           " AND body->>'$.by' = 'besom' AND body->>'$.what' IN"
                           " ('" BOOKS_AGENT_LOST "', '" BOOKS_AGENT_BACK "') ORDER BY seq",
                           err);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        const char *text = store_sql_get_text(st, 0);
        struct value *v;
        struct fact f;
        if (json_parse(&a, text, strlen(text), &v, NULL) == 0 && fact_decode(v, &f, NULL) == 0)
            books_note_lost(b, &f);
        arena_clear(&a);
    }
    sqlite3_finalize(st);
    arena_done(&a);
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
    c->name = store_load_rows_text(st, 5);
    c->store = mem_strdup(store_sql_get_text(st, 6));
    c->by = mem_strdup(store_sql_get_text(st, 7));
    c->created_ms = sqlite3_column_int64(st, 8);
    c->expires_ms = sqlite3_column_int64(st, 9);
    c->used_ms = sqlite3_column_int64(st, 10);
    c->revoked_ms = sqlite3_column_int64(st, 11);
    c->revoked_by = store_load_rows_text(st, 12);
    if (scope >= 0 && form >= 0)
        return trust_load(t, c, err);
    trust_free_credential(c);
    return store_load_rows_damaged(err, "the scope or form", "a token");
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
    if (rc == 0)
        rc = load_lost(s->db, b, err);
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
