/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/question.h"

#include "base/check.h"
#include "base/mem.h"

static void reports_init(struct question_reports *r)
{
    *r = (struct question_reports){0};
    map_init(&r->by_number);
}

static void reports_done(struct question_reports *r)
{
    mem_free(r->items);
    map_done(&r->by_number);
    reports_init(r);
}

static void reports_add(struct question_reports *r, const struct question_report *report)
{
    size_t place =
        (size_t)(uintptr_t)map_find(&r->by_number, &report->number, sizeof report->number);
    if (place) {
        r->items[place - 1] = *report;
        return;
    }
    r->items = mem_grow(r->items, &r->cap, r->n + 1, sizeof *r->items);
    r->items[r->n++] = *report;
    map_put(&r->by_number, &report->number, sizeof report->number, (void *)(uintptr_t)r->n);
}

void question_init(struct question *q, bool learns)
{
    *q = (struct question){.learns = learns};
    reports_init(&q->waiting);
    reports_init(&q->told);
}

void question_done(struct question *q)
{
    reports_done(&q->waiting);
    reports_done(&q->told);
}

bool question_ask(struct question *q, const struct effect *e, uint64_t durable)
{
    PRE(!q->asked);
    q->asked = true;
    q->wanted = e->wanted;
    q->known = e->known;
    q->asker = e->asker;
    q->told = q->waiting;
    reports_init(&q->waiting);
    /* MUTANT held: !q->made && q->known > durable => false */
    q->held = !q->made && q->known > durable;
    return !q->held;
}

bool question_release(struct question *q, uint64_t durable)
{
    if (!q->held || q->known > durable)
        return false;
    q->held = false;
    return true;
}

void question_report(struct question *q, const struct question_report *report)
{
    if (q->learns)
        reports_add(&q->waiting, report);
}

void question_made(struct question *q, uint64_t loaded)
{
    q->made = true;
    q->loaded = loaded;
}

void question_tell(struct question *q, struct strategy *strategy)
{
    PRE(q->made);
    /* MUTANT known-loaded: q->known < q->loaded => false */
    if (q->known < q->loaded)
        q->known = q->loaded;
    for (size_t i = 0; i < q->told.n; i++)
        if (q->told.items[i].seq > q->loaded)
            strategy_report(strategy, q->told.items[i].number, &q->told.items[i].fate);
}

void question_answered(struct question *q, struct question_answer *ret)
{
    ret->asker = q->asker;
    ret->known = q->known;
    q->asked = false;
    reports_done(&q->told);
}

bool question_forget(struct question *q)
{
    q->forgotten = true;
    return !q->asked || q->held;
}

bool question_is_renewed(const struct book_sweep *s, const struct fact *f)
{
    return s && f->kind == FACT_SWEEP_STATE && f->state == SWEEP_RUNNING && s->spec &&
           strategy_learns(s->spec->method);
}

enum question_news question_news(const struct books *b, const struct fact *f,
                                 struct question_report *ret)
{
    if (f->kind == FACT_SWEEP_EDITED ||
        (f->kind == FACT_PROPOSED && f->cursor == STRATEGY_ENQUEUED) ||
        (f->kind == FACT_SWEEP_STATE && sweep_states[f->state].final))
        return QUESTION_FORGET;
    const struct book_sweep *s = books_sweep(b, f->sweep);
    if (question_is_renewed(s, f))
        return QUESTION_FORGET;
    const struct book_trial *t = s ? books_trial(s, f->trial) : NULL;
    if (!t || f->kind < FACT_PROPOSED)
        return QUESTION_NOTHING;
    *ret = (struct question_report){f->trial, f->seq, books_sweep_fate(s, t)};
    return QUESTION_REPORT;
}

void question_fill_event(struct event *ev, struct arena *a, const struct question_answer *answer)
{
    struct proposal *proposals = arena_alloc(a, answer->n * sizeof *proposals);
    for (size_t i = 0; i < answer->n; i++) {
        const struct proposal *p = &answer->proposals[i];
        proposals[i] = (struct proposal){p->cursor, value_copy(a, p->params), NULL};
        proposals[i].why = p->why ? value_copy(a, p->why) : NULL;
    }
    ev->sweep = arena_strdup(a, answer->sweep);
    ev->proposals = proposals;
    ev->proposals_n = answer->n;
    ev->known = answer->known;
    ev->asker = answer->asker;
    ev->exhausted = answer->code != 0;
    if (answer->code != 0 && answer->code != ERR_EXHAUSTED)
        ev->text = arena_strdup(a, answer->text);
}
