/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/store.h"

#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "tests/sim/audit.h"

void store_init(struct sim *s)
{
    s->store = arena_alloc(&s->arena, sizeof *s->store);
    books_init(&s->store->durable);
    s->store->durable.keeps_lost = true;
}

void store_done(struct sim *s)
{
    books_done(&s->store->durable);
    mem_free(s->store->facts);
}

static void read_fact(struct arena *a, const struct store *store, size_t i, struct fact *ret)
{
    const struct stored_fact *stored = &store->facts[i];
    struct err err = {0};
    struct value *v = NULL;
    if (stored->text) {
        check(json_parse(a, stored->text, strlen(stored->text), &v, &err) == 0);
        check(fact_decode(v, ret, &err) == 0);
    } else {
        *ret = stored->metrics;
    }
    ret->seq = i + 1;
}

static struct points copy_points(struct arena *a, const struct points *from)
{
    struct points to = {.n = from->n, .bad = from->bad};
    to.items = arena_alloc(a, from->n * sizeof *to.items);
    for (size_t i = 0; i < from->n; i++) {
        const struct point *p = &from->items[i];
        const char **keys = arena_alloc(a, p->n * sizeof *keys);
        double *values = arena_alloc(a, p->n * sizeof *values);
        for (size_t k = 0; k < p->n; k++) {
            keys[k] = arena_strdup(a, p->keys[k]);
            values[k] = p->values[k];
        }
        to.items[i] = *p;
        to.items[i].keys = keys;
        to.items[i].values = values;
    }
    return to;
}

void store_encode(struct sim *s, const struct fact *f, struct stored_fact *ret)
{
    *ret = (struct stored_fact){.seq = f->seq};
    if (f->kind == FACT_METRICS) {
        ret->metrics = *f;
        ret->metrics.sweep = arena_strdup(&s->arena, f->sweep);
        ret->metrics.points = copy_points(&s->arena, &f->points);
        return;
    }
    struct arena a;
    struct buf text;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    json_print(&text, fact_encode(&a, f), JSON_COMPACT);
    ret->text = arena_strdup(&s->arena, buf_str(&text));
    buf_done(&text);
    arena_done(&a);
}

static const struct value *store_rungs(struct sim *s, const struct book_sweep *book,
                                       const struct book_trial *t)
{
    struct value *rungs = value_list(&s->arena);
    uint64_t iteration;
    const struct rungs_mark *mark;
    for (size_t i = 0;
         book->stopper && (mark = stopper_rung(book->stopper, t->number, i, &iteration)); i++)
        value_push(&s->arena, rungs, value_float(&s->arena, mark->value));
    return rungs->list.n > 0 ? rungs : NULL;
}

static void store_put_retry(struct sim *s, const struct book_sweep *book,
                            const struct book_trial *t, struct store_row *row)
{
    struct fact *f = &row->retry;
    f->kind = FACT_RETRIED;
    f->trial = t->number;
    f->state = t->state;
    f->cursor = row->cursor;
    f->params = row->params;
    f->attempt = t->attempts;
    f->agent = arena_strdup(&s->arena, t->attempt.agent);
    f->slot = t->attempt.slot;
    f->ran_ms = t->attempt.ran_ms;
    f->created_ms = t->created_ms;
    f->started_ms = t->started_ms;
    f->iterations = t->objective.iterations;
    f->iteration_step = t->objective.iteration_step;
    f->iteration_best = t->objective.iteration_best;
    f->rungs = store_rungs(s, book, t);
    f->measured = t->objective.known;
    row->current = t->attempt.number;
}

static void store_put_row(struct sim *s, const struct fact *f)
{
    struct store *store = s->store;
    const struct sweep *w = sweeps_find(s, f->sweep);
    const struct book_sweep *book = books_sweep(&store->durable, f->sweep);
    const struct book_trial *t = book ? books_trial(book, f->trial) : NULL;
    if (!w || !t || f->kind < FACT_PROPOSED || f->trial >= SWEEP_TRIALS_MAX)
        return;
    struct store_row *row = &store->rows[w->index][f->trial];
    if (f->kind == FACT_PROPOSED) {
        row->cursor = f->cursor;
        row->params = value_copy(&s->arena, f->params);
        row->retry.why = f->why ? value_copy(&s->arena, f->why) : NULL;
        store->rows_n[w->index]++;
    }
    row->fate = books_sweep_fate(book, t);
    store_put_retry(s, book, t, row);
}

size_t store_retries(const struct sim *s, const struct sweep *w, struct fact *ret)
{
    for (size_t i = 0; i < s->store->rows_n[w->index]; i++)
        ret[i] = s->store->rows[w->index][i].retry;
    return s->store->rows_n[w->index];
}

void store_held(const struct sim *s, struct event_held *ret)
{
    const struct sweep *w = sweeps_find(s, ret->sweep);
    if (!w || ret->trial >= s->store->rows_n[w->index])
        return;
    const struct store_row *row = &s->store->rows[w->index][ret->trial];
    ret->trial_state = trial_states[row->retry.state].name;
    ret->current = row->current;
    ret->was_lost = audit_was_lost(s, ret->sweep, ret->trial, ret->attempt);
}

const struct value *store_rungs_of(const struct sim *s, const char *sweep, uint64_t trial)
{
    const struct sweep *w = sweeps_find(s, sweep);
    return s->store->rows[w->index][trial].retry.rungs;
}

bool store_commit(struct sim *s, const struct stored_fact *facts, size_t n)
{
    struct store *store = s->store;
    struct arena a;
    if (n == 0)
        return true;
    if (store->full)
        return false;
    arena_init(&a);
    for (size_t i = 0; i < n && !s->failed; i++) {
        struct fact f;
        struct err err = {0};
        store->facts = mem_grow(store->facts, &store->cap, store->n + 1, sizeof *store->facts);
        store->facts[store->n++] = facts[i];
        check(facts[i].seq == store->n);
        read_fact(&a, store, store->n - 1, &f);
        audit_fact_before(s, &f);
        if (books_apply(&store->durable, &f, &err) != 0) {
            sim_fail(s, "the facts do not fold: %s", err.text);
            break;
        }
        store_put_row(s, &f);
        audit_fact(s, &f);
    }
    books_sweep_out(&store->durable);
    arena_done(&a);
    return true;
}

/* Trials that ended as lost stay in them. */
static void store_fold(struct sim *s, struct books *b)
{
    struct arena a;
    arena_init(&a);
    b->keeps_lost = true;
    for (size_t i = 0; i < s->store->n; i++) {
        struct fact f;
        struct err err = {0};
        read_fact(&a, s->store, i, &f);
        check(books_apply(b, &f, &err) == 0);
        books_sweep_out(b);
    }
    arena_done(&a);
}

struct book_sweep *store_load_ended(struct sim *s, const char *sweep)
{
    struct books b;
    books_init(&b);
    store_fold(s, &b);
    books_drop_lost(&b);
    struct book_sweep *book = books_sweep(&b, sweep);
    if (book && (!sweep_states[book->state].final || book->open.live > 0))
        book = NULL;
    if (book)
        map_remove(&b.sweeps, book->id, strlen(book->id));
    books_done(&b);
    return book;
}

struct book_trial *store_load_lost(struct sim *s, const char *sweep, uint64_t trial)
{
    struct books b;
    books_init(&b);
    store_fold(s, &b);
    struct book_sweep *book = books_sweep(&b, sweep);
    struct book_trial *t = book ? books_trial(book, trial) : NULL;
    if (t && t->state != TRIAL_LOST)
        t = NULL;
    if (t)
        map_remove(&book->open, &t->number, sizeof t->number);
    books_done(&b);
    return t;
}

void store_load(struct sim *s, struct books *b)
{
    void *sweep;
    store_fold(s, b);
    books_drop_lost(b);
    for (size_t at = 0; map_next(&b->sweeps, &at, &sweep);) {
        struct book_sweep *book = sweep;
        if (sweep_states[book->state].final && book->open.live == 0)
            books_drop_sweep(b, book);
    }
}
