/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/thinker.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"

struct mind {
    struct thinker *thinker;
    const struct sweep *sweep;
    struct strategy *strategy; /* NULL before the first question */
    struct question question;
    uint32_t n;
    struct err err;
    struct proposal *proposals;
    struct arena arena;
    struct mind *next; /* forgotten */
};

struct thinker {
    struct sim *sim;
    thinker_fn answered;
    struct mind *minds[SIM_SWEEPS_MAX]; /* NULL: none yet, or forgotten */
    struct mind *forgotten;             /* that think their last question to its end */
    uint64_t durable;
};

struct thinker *thinker_new(struct sim *s, thinker_fn answered)
{
    struct thinker *t = mem_alloc(sizeof *t);
    *t = (struct thinker){.sim = s, .answered = answered};
    return t;
}

static void mind_free(struct mind *m)
{
    if (!m)
        return;
    strategy_free(m->strategy);
    question_done(&m->question);
    arena_done(&m->arena);
    mem_free(m);
}

void thinker_free(struct thinker *t)
{
    if (!t)
        return;
    for (int i = 0; i < SIM_SWEEPS_MAX; i++) {
        mind_free(t->minds[i]);
    }
    for (struct mind *m = t->forgotten, *next; m; m = next) {
        next = m->next;
        mind_free(m);
    }
    mem_free(t);
}

static struct mind *mind_get(struct thinker *t, const struct sweep *w)
{
    struct mind **m = &t->minds[w->index];
    if (!*m) {
        *m = mem_alloc(sizeof **m);
        **m = (struct mind){.thinker = t, .sweep = w};
        question_init(&(*m)->question, w->learns);
        arena_init(&(*m)->arena);
    }
    return *m;
}

static void mind_make(struct sim *s, struct mind *m)
{
    const struct store *store = s->store;
    int index = m->sweep->index;
    m->strategy = sweeps_strategy(m->sweep);
    for (size_t i = 0; i < store->rows_n[index]; i++) {
        const struct store_row *row = &store->rows[index][i];
        strategy_replay(m->strategy, row->cursor, row->params);
        strategy_report(m->strategy, i, &row->fate);
    }
    question_made(&m->question, store->n);
}

static void mind_answer(struct sim *s, void *who, uint64_t generation)
{
    if (!s->server->alive || s->server->generation != generation)
        return;
    if (server_is_suspended(s)) {
        sim_after(s, s->server->wakes_ms - s->now, mind_answer, who, generation);
        return;
    }
    struct mind *m = who;
    struct thinker *t = m->thinker;
    struct question_answer answer = {.sweep = m->sweep->id,
                                     .proposals = m->proposals,
                                     .n = m->n,
                                     .code = m->err.code,
                                     .text = m->err.text};
    sim_trace(s, "thinker", "%s: %u of %u that know %llu; code %d", m->sweep->id, m->n,
              m->question.wanted, (unsigned long long)m->question.known, m->err.code);
    question_answered(&m->question, &answer);
    t->answered(s, &answer);
    arena_clear(&m->arena);
    if (m->question.forgotten) {
        struct mind **at = &t->forgotten;
        while (*at != m)
            at = &(*at)->next;
        *at = m->next;
        mind_free(m);
    }
}

/* What the thread does, at a moment of its own. */
static void mind_think(struct sim *s, void *who, uint64_t generation)
{
    if (!s->server->alive || s->server->generation != generation)
        return;
    if (server_is_suspended(s)) {
        sim_after(s, s->server->wakes_ms - s->now, mind_think, who, generation);
        return;
    }
    struct mind *m = who;
    if (!m->strategy)
        mind_make(s, m);
    question_tell(&m->question, m->strategy);
    uint32_t wanted = m->question.wanted;
    m->err = (struct err){0};
    m->n = 0;
    m->proposals = arena_alloc(&m->arena, wanted * sizeof *m->proposals);
    bool stuck = !s->healing && sim_has(s, SIM_NO_IDEA) && sim_one_in(s, SIM_R_THINKER, 10);
    uint64_t most = stuck ? rng_below(&s->rng[SIM_R_THINKER], wanted) : wanted;
    int rc = 0;
    while (rc == 0 && m->n < most)
        if ((rc = strategy_propose(m->strategy, &m->arena, &m->proposals[m->n], &m->err)) == 0)
            m->n++;
    if (rc == 0 && stuck)
        rc = err_set(&m->err, ERR_EMPTY, "the strategy has no idea");
    m->err.code = rc;
    sim_after(s, sim_range(s, SIM_R_THINKER, 0, s->options.think_ms), mind_answer, m, generation);
}

static void mind_push(struct mind *m)
{
    struct sim *s = m->thinker->sim;
    sim_after(s, sim_range(s, SIM_R_THINKER, 0, s->options.think_ms), mind_think, m,
              s->server->generation);
}

void thinker_ask(struct thinker *t, const struct effect *e)
{
    struct sim *s = t->sim;
    struct mind *m = mind_get(t, sweeps_find(s, e->sweep));
    sim_trace(s, "thinker", "%s: %u are wanted that know %llu", e->sweep, e->wanted,
              (unsigned long long)e->known);
    if (question_ask(&m->question, e, t->durable))
        mind_push(m);
}

void thinker_durable(struct thinker *t, uint64_t seq)
{
    t->durable = seq;
    for (int i = 0; i < SIM_SWEEPS_MAX; i++) {
        struct mind *m = t->minds[i];
        if (m && question_release(&m->question, seq))
            mind_push(m);
    }
}

void thinker_report(struct thinker *t, const char *sweep, const struct question_report *report)
{
    struct mind *m = t->minds[sweeps_find(t->sim, sweep)->index];
    if (m)
        question_report(&m->question, report);
}

void thinker_forget(struct thinker *t, const char *sweep)
{
    int index = sweeps_find(t->sim, sweep)->index;
    struct mind *m = t->minds[index];
    t->minds[index] = NULL;
    if (m && m->question.held)
        t->answered(t->sim, &(struct question_answer){.sweep = sweep, .asker = m->question.asker});
    if (m && !question_forget(&m->question)) {
        m->next = t->forgotten;
        t->forgotten = m;
    } else {
        mind_free(m);
    }
}

bool thinker_is_idle(const struct thinker *t)
{
    bool idle = !t->forgotten;
    for (int i = 0; i < SIM_SWEEPS_MAX; i++)
        idle &= !(t->minds[i] && t->minds[i]->question.asked);
    return idle;
}
