/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/check.h"
#include "base/json.h"
#include "orchestrator/store/store_inside.h"

static const char *word_or_null(enum trial_reason r)
{
    return r == REASON_NONE ? NULL : trial_reason_name(r);
}

static void bind_ms(sqlite3_stmt *st, int at, int64_t ms)
{
    if (ms)
        sqlite3_bind_int64(st, at, ms);
}

static int put_sweep(struct store *s, const struct store_sweep *row, const struct book_sweep *b,
                     struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_PUT_SWEEP, &st, err);
    if (rc < 0)
        return rc;
    buf_clear(&s->text);
    for (int i = 0; i < TRIAL_STATES; i++)
        buf_addf(&s->text, "%c\"%s\":%llu", i ? ',' : '{', trial_states[i].name,
                 (unsigned long long)b->counts[i]);
    buf_addc(&s->text, '}');
    store_sql_u64(st, 1, row->n);
    store_sql_text(st, 2, sweep_states[b->state].name);
    store_sql_text(st, 3, word_or_null(b->reason));
    store_sql_text(st, 4, b->text);
    bind_ms(st, 5, b->ended_ms);
    store_sql_u64(st, 6, b->proposed);
    store_sql_text(st, 7, buf_str(&s->text));
    store_sql_u64(st, 8, b->failure_streak);
    if (b->best.known) {
        store_sql_u64(st, 9, b->best.trial);
        store_sql_number(st, 10, b->best.value);
    }
    bind_ms(st, 11, b->failure_ms);
    return store_sql_run(st, err);
}

static int put_attempt(struct store *s, uint64_t row, const struct book_attempt *a, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_PUT_ATTEMPT, &st, err);
    if (rc < 0)
        return rc;
    store_sql_u64(st, 1, row);
    store_sql_u64(st, 2, a->number);
    store_sql_text(st, 3, attempt_states[a->state].name);
    store_sql_text(st, 4, word_or_null(a->stop));
    store_sql_text(st, 5, word_or_null(a->reason));
    store_sql_text(st, 6, a->agent);
    store_sql_u64(st, 7, a->slot);
    sqlite3_bind_int64(st, 8, a->launched_ms);
    bind_ms(st, 9, a->ended_ms);
    sqlite3_bind_int64(st, 10, a->code);
    sqlite3_bind_int64(st, 11, a->signal);
    store_sql_text(st, 12, a->text);
    store_sql_u64(st, 13, a->offset[FACT_STREAM_FILE]);
    store_sql_u64(st, 14, a->offset[FACT_STREAM_STDOUT]);
    sqlite3_bind_int64(st, 15, a->next_step);
    store_sql_u64(st, 16, a->points);
    store_sql_u64(st, 17, a->bad_lines);
    store_sql_u64(st, 18, a->log_dropped);
    if (a->state == ATTEMPT_ENDED)
        sqlite3_bind_int64(st, 19, a->ran_ms);
    store_sql_u64(st, 20, a->dropped_values);
    store_sql_text(st, 21, a->stop_why);
    store_sql_u64(st, 22, a->long_lines);
    store_sql_u64(st, 23, a->stdout_dropped);
    store_sql_u64(st, 24, a->rewrites);
    return store_sql_run(st, err);
}

static void print_metrics(struct store *s, const struct book_trial *t)
{
    void *value;
    struct value *metrics = value_dict(&s->scratch);
    for (size_t at = 0; map_next(&t->last, &at, &value);) {
        const struct book_metric *m = value;
        value_put(&s->scratch, metrics, m->key, value_float(&s->scratch, m->value));
    }
    buf_clear(&s->text);
    json_print(&s->text, metrics, JSON_COMPACT);
    arena_clear(&s->scratch);
}

/* Those reached since the last commit: a rung never changes. */
static int put_rungs(struct store *s, uint64_t row, const struct book_sweep *b,
                     const struct book_trial *t, struct err *err)
{
    uint64_t iterations;
    double value;
    int rc = 0;
    for (size_t i = t->rungs_kept;
         rc == 0 && b->stopper && stopper_rung(b->stopper, t->number, i, &iterations, &value);
         i++) {
        sqlite3_stmt *st;
        if ((rc = store_use(s, STORE_PUT_RUNG, &st, err)) < 0)
            return rc;
        store_sql_u64(st, 1, row);
        store_sql_u64(st, 2, iterations);
        sqlite3_bind_double(st, 3, value);
        rc = store_sql_run(st, err);
    }
    return rc;
}

static int put_trial(struct store *s, uint64_t row, const struct book_sweep *b,
                     const struct book_trial *t, struct err *err)
{
    sqlite3_stmt *st;
    int rc = store_use(s, STORE_PUT_TRIAL, &st, err);
    if (rc < 0)
        return rc;
    print_metrics(s, t);
    store_sql_u64(st, 1, row);
    store_sql_text(st, 2, trial_states[t->state].name);
    store_sql_text(st, 3, word_or_null(t->reason));
    store_sql_u64(st, 4, t->cursor);
    store_sql_text(st, 5, t->params);
    store_sql_text(st, 6, t->why);
    store_sql_u64(st, 7, t->attempt.number);
    if (t->attempt.number) {
        store_sql_text(st, 8, t->attempt.agent);
        store_sql_u64(st, 9, t->attempt.slot);
    }
    store_sql_u64(st, 10, t->failed);
    store_sql_u64(st, 11, t->lost);
    sqlite3_bind_int64(st, 12, t->created_ms);
    bind_ms(st, 13, t->started_ms);
    bind_ms(st, 14, t->ended_ms);
    if (t->objective.known) {
        store_sql_number(st, 15, t->objective.value);
        sqlite3_bind_int64(st, 16, t->objective.step);
    }
    sqlite3_bind_int64(st, 17, t->step);
    store_sql_text(st, 18, buf_str(&s->text));
    if (t->attempt.number && t->attempt.state == ATTEMPT_ENDED)
        sqlite3_bind_int64(st, 19, t->attempt.ran_ms);
    store_sql_u64(st, 20, t->objective.iterations);
    sqlite3_bind_int64(st, 21, t->objective.iteration_step);
    if ((rc = store_sql_run(st, err)) < 0)
        return rc;
    for (size_t i = 0; i < t->earlier_n && rc == 0; i++)
        rc = put_attempt(s, row, &t->earlier[i], err);
    if (rc == 0 && t->attempt.number)
        rc = put_attempt(s, row, &t->attempt, err);
    return rc == 0 ? put_rungs(s, row, b, t, err) : rc;
}

static int by_row(const void *a, const void *b)
{
    uint64_t x = ((const struct store_touch *)a)->row, y = ((const struct store_touch *)b)->row;
    return (x > y) - (x < y);
}

int store_rows_write(struct store *s, const struct books *b, struct err *err)
{
    int rc = 0;
    void *value;
    for (size_t at = 0; rc == 0 && map_next(&s->sweeps, &at, &value);) {
        struct store_sweep *row = value;
        const struct book_sweep *sweep = row->touched ? books_sweep(b, row->id) : NULL;
        check(sweep || !row->touched);
        if (sweep)
            rc = put_sweep(s, row, sweep, err);
        row->touched = false;
    }
    if (s->touched_n)
        qsort(s->touched, s->touched_n, sizeof *s->touched, by_row);
    for (size_t i = 0; i < s->touched_n && rc == 0; i++) {
        const struct store_touch *touch = &s->touched[i];
        if (i && touch[-1].row == touch->row)
            continue;
        const struct book_sweep *sweep = books_sweep(b, touch->sweep->id);
        const struct book_trial *t = sweep ? books_trial(sweep, touch->number) : NULL;
        check(t);
        rc = put_trial(s, touch->row, sweep, t, err);
    }
    s->touched_n = 0;
    return rc;
}
