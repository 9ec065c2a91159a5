/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/store_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "orchestrator/core/books_aside.h"
#include "orchestrator/store/store_inside.h"

static const char *word_or_null(enum trial_reason r)
{
    return r == REASON_NONE ? NULL : trial_reason_name(r);
}

static void rows_ms(struct store_op *op, int at, int64_t ms)
{
    if (ms)
        store_batch_int(op, at, ms);
}

static void put_sweep(struct store *s, const struct store_sweep *row, const struct book_sweep *b)
{
    struct store_op *op = store_batch_add(s->batch, STORE_PUT_SWEEP);
    buf_clear(&s->text);
    for (int i = 0; i < TRIAL_STATES; i++)
        buf_addf(&s->text, "%c\"%s\":%llu", i ? ',' : '{', trial_states[i].name,
                 (unsigned long long)b->counts[i]);
    buf_addc(&s->text, '}');
    store_batch_u64(op, 1, row->n);
    store_batch_text(s->batch, op, 2, sweep_states[b->state].name);
    store_batch_text(s->batch, op, 3, word_or_null(b->reason));
    store_batch_text(s->batch, op, 4, b->text);
    rows_ms(op, 5, b->ended_ms);
    store_batch_u64(op, 6, b->proposed);
    store_batch_text(s->batch, op, 7, buf_str(&s->text));
    store_batch_u64(op, 8, b->failure_streak);
    if (b->best.known) {
        store_batch_u64(op, 9, b->best.trial);
        store_batch_number(op, 10, b->best.value);
    }
    rows_ms(op, 11, b->failure_ms);
    store_batch_u64(op, 12, b->metric_streak);
    rows_ms(op, 13, b->until_ms);
    store_batch_int(op, 14, b->busy_ms);
    rows_ms(op, 15, b->busy_from_ms);
    rows_ms(op, 16, b->busy_to_ms);
    store_batch_int(op, 17, b->gpu_us);
}

static void put_attempt(struct store *s, uint64_t row, const struct book_attempt *a)
{
    if (a->number == 0 || a->partial)
        return;
    struct store_op *op = store_batch_add(s->batch, STORE_PUT_ATTEMPT);
    store_batch_u64(op, 1, row);
    store_batch_u64(op, 2, a->number);
    store_batch_text(s->batch, op, 3, attempt_states[a->state].name);
    store_batch_text(s->batch, op, 4, word_or_null(a->stop));
    store_batch_text(s->batch, op, 5, word_or_null(a->reason));
    store_batch_text(s->batch, op, 6, a->agent);
    store_batch_u64(op, 7, a->slot);
    store_batch_int(op, 8, a->launched_ms);
    rows_ms(op, 9, a->ended_ms);
    store_batch_int(op, 10, a->code);
    store_batch_int(op, 11, a->signal);
    store_batch_text(s->batch, op, 12, a->text);
    store_batch_u64(op, 13, a->offset[FACT_STREAM_FILE]);
    store_batch_u64(op, 14, a->offset[FACT_STREAM_STDOUT]);
    store_batch_int(op, 15, a->next_step);
    store_batch_u64(op, 16, a->points);
    store_batch_u64(op, 17, a->bad_lines);
    store_batch_u64(op, 18, a->log_dropped);
    if (a->state == ATTEMPT_ENDED)
        store_batch_int(op, 19, a->ran_ms);
    store_batch_u64(op, 20, a->dropped_values);
    store_batch_text(s->batch, op, 21, a->stop_why);
    store_batch_u64(op, 22, a->long_lines);
    store_batch_u64(op, 23, a->stdout_dropped);
    store_batch_u64(op, 24, a->rewrites);
    store_batch_text(s->batch, op, 25, a->grant);
    store_batch_u64(op, 26, a->offset[FACT_STREAM_SYSTEM]);
    store_batch_u64(op, 27, a->samples);
}

/* Their rows are those of attempts, already written. */
static void put_asides(struct store *s, uint64_t row, const struct book_trial *t)
{
    if (!t->asides_changed)
        return;
    store_batch_u64(store_batch_add(s->batch, STORE_DROP_ASIDES), 1, row);
    for (size_t i = 0; i < t->asides_n; i++) {
        struct store_op *op = store_batch_add(s->batch, STORE_PUT_ASIDE);
        buf_clear(&s->text);
        books_aside_print(&s->text, &t->asides[i]);
        store_batch_u64(op, 1, row);
        store_batch_u64(op, 2, t->asides[i].attempt.number);
        store_batch_text(s->batch, op, 3, buf_str(&s->text));
    }
}

/* Writes only the last values that changed: of thousands of metrics, often only some are
 * reported. */
static void put_metrics(struct store *s, uint64_t row, const struct book_trial *t)
{
    if (t->metrics_gone)
        store_batch_u64(store_batch_add(s->batch, STORE_DROP_METRICS), 1, row);
    for (size_t i = 0; i < t->changed_n; i++) {
        const struct book_metric *m = t->changed[i];
        struct store_op *op = store_batch_add(s->batch, STORE_PUT_METRIC);
        store_batch_u64(op, 1, row);
        store_batch_u64(op, 2, m->place);
        store_batch_text(s->batch, op, 3, m->key);
        store_batch_number(op, 4, m->value);
    }
}

/* Writes the rungs reached since the last commit: a rung never changes. */
static void put_rungs(struct store *s, uint64_t row, const struct book_sweep *b,
                      const struct book_trial *t)
{
    uint64_t iterations;
    const struct rungs_mark *mark;
    for (size_t i = t->rungs_kept;
         b->stopper && (mark = stopper_rung(b->stopper, t->number, i, &iterations)); i++) {
        struct store_op *op = store_batch_add(s->batch, STORE_PUT_RUNG);
        store_batch_u64(op, 1, row);
        store_batch_u64(op, 2, iterations);
        store_batch_number(op, 3, mark->value);
        if (mark->of == 0 || isnan(mark->threshold))
            continue;
        store_batch_number(op, 4, mark->compared);
        store_batch_number(op, 5, mark->threshold);
        store_batch_u64(op, 6, mark->rank);
        store_batch_u64(op, 7, mark->of);
    }
}

static void put_trial(struct store *s, uint64_t row, const struct book_sweep *b,
                      const struct book_trial *t)
{
    struct store_op *op = store_batch_add(s->batch, STORE_PUT_TRIAL);
    store_batch_u64(op, 1, row);
    store_batch_text(s->batch, op, 2, trial_states[t->state].name);
    store_batch_text(s->batch, op, 3, word_or_null(t->reason));
    store_batch_u64(op, 4, t->cursor);
    store_batch_text(s->batch, op, 5, t->params);
    store_batch_text(s->batch, op, 6, t->why);
    store_batch_u64(op, 7, t->attempts);
    if (t->attempt.number) {
        store_batch_text(s->batch, op, 8, t->attempt.agent);
        store_batch_u64(op, 9, t->attempt.slot);
    }
    store_batch_u64(op, 10, t->failed);
    store_batch_u64(op, 11, t->lost);
    store_batch_int(op, 12, t->created_ms);
    rows_ms(op, 13, t->started_ms);
    rows_ms(op, 14, t->ended_ms);
    if (t->objective.known) {
        store_batch_number(op, 15, t->objective.value);
        store_batch_int(op, 16, t->objective.step);
    }
    if (t->step != POINT_NO_STEP)
        store_batch_int(op, 17, t->step);
    if (t->attempt.number && t->attempt.state == ATTEMPT_ENDED)
        store_batch_int(op, 18, t->attempt.ran_ms);
    store_batch_u64(op, 19, t->objective.iterations);
    store_batch_int(op, 20, t->objective.iteration_step);
    store_batch_number(op, 21, t->objective.iteration_best);
    store_batch_text(s->batch, op, 22, t->lost_on);
    store_batch_u64(op, 23, t->attempt.number);
    for (size_t i = 0; i < t->earlier_n; i++)
        put_attempt(s, row, &t->earlier[i]);
    put_attempt(s, row, &t->attempt);
    put_asides(s, row, t);
    put_metrics(s, row, t);
    put_rungs(s, row, b, t);
}

static void put_token(struct store *s, const struct trust_credential *c)
{
    struct store_op *op = store_batch_add(s->batch, STORE_PUT_TOKEN);
    store_batch_u64(op, 1, c->n);
    store_batch_text(s->batch, op, 2, c->id);
    store_batch_text(s->batch, op, 3, credential_scope_name(c->scope));
    store_batch_text(s->batch, op, 4, credential_form_name(c->form));
    store_batch_text(s->batch, op, 5, c->hash);
    store_batch_text(s->batch, op, 6, c->name);
    store_batch_text(s->batch, op, 7, c->store);
    store_batch_text(s->batch, op, 8, c->by);
    store_batch_int(op, 9, c->created_ms);
    rows_ms(op, 10, c->expires_ms);
    rows_ms(op, 11, c->used_ms);
    rows_ms(op, 12, c->revoked_ms);
    store_batch_text(s->batch, op, 13, c->revoked_by);
}

static int by_row(const void *a, const void *b)
{
    uint64_t x = ((const struct store_touch *)a)->row, y = ((const struct store_touch *)b)->row;
    return (x > y) - (x < y);
}

void store_rows_add(struct store *s, const struct books *b)
{
    void *value;
    for (size_t at = 0; map_next(&s->sweeps, &at, &value);) {
        struct store_sweep *row = value;
        const struct book_sweep *sweep = row->touched ? books_sweep(b, row->id) : NULL;
        check(sweep || !row->touched);
        if (sweep)
            put_sweep(s, row, sweep);
        row->touched = false;
    }
    if (s->touched_n)
        qsort(s->touched, s->touched_n, sizeof *s->touched, by_row);
    for (size_t i = 0; i < s->touched_n; i++) {
        const struct store_touch *touch = &s->touched[i];
        if (i && touch[-1].row == touch->row)
            continue;
        const struct book_sweep *sweep = books_sweep(b, touch->sweep->id);
        const struct book_trial *t = sweep ? books_trial(sweep, touch->number) : NULL;
        check(t);
        put_trial(s, touch->row, sweep, t);
    }
    s->touched_n = 0;
    for (size_t i = 0; i < s->tokens_n; i++) {
        const struct trust_credential *c = trust_find(&b->trust, s->tokens[i]);
        check(c);
        put_token(s, c);
    }
    s->tokens_n = 0;
}
