/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/thinker.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "language/spec_read.h"
#include "net/worker.h"
#include "orchestrator/view/view_proposals.h"

enum {
    THREADS_MAX = 4
}; /* a slow model holds up the sweeps that share its thread, and no others */

/* A sweep's strategy. During a question the thread owns all fields that are not marked. */
struct mind {
    struct thinker *thinker;  /* loop's */
    struct worker *worker;    /* loop's */
    struct question question; /* its owners: orchestrator/core/question.h */
    char sweep[16];
    struct arena kept; /* lives as long as the mind: content */
    const struct value *content;
    uint64_t seed;
    struct spec *spec;
    struct strategy *strategy; /* NULL before the first question */
    struct arena arena;        /* of the answer, as are the fields below */
    struct proposal *proposals;
    uint32_t n;
    struct err err;
};

struct thinker {
    struct thinker_config config;
    struct worker *workers[THREADS_MAX];
    size_t minds_n;   /* minds ever made */
    struct map minds; /* sweep id -> struct mind * */
    size_t held_n;    /* questions that wait for the store */
    uint64_t durable;
    bool closing;
    bool left; /* a thread was left thinking: it uses this and its mind until the process ends */
};

struct thinker *thinker_new(const struct thinker_config *config)
{
    struct thinker *t = mem_alloc(sizeof *t);
    t->config = *config;
    t->config.dir = mem_strdup(config->dir);
    map_init(&t->minds);
    return t;
}

static struct mind *mind_find(const struct thinker *t, const char *sweep)
{
    return map_find(&t->minds, sweep, strlen(sweep));
}

static int mind_find_worker(struct thinker *t, struct worker **ret, struct err *err)
{
    struct worker **w = &t->workers[t->minds_n++ % THREADS_MAX];
    int rc = *w ? 0 : worker_start(t->config.loop, w, err);
    *ret = *w;
    return rc;
}

static struct mind *mind_new(struct thinker *t, const struct book_sweep *s)
{
    struct mind *m = mem_alloc(sizeof *m);
    m->thinker = t;
    memcpy(m->sweep, s->id, sizeof m->sweep);
    arena_init(&m->kept);
    arena_init(&m->arena);
    m->content = value_copy(&m->kept, s->spec->content);
    m->seed = s->seed;
    question_init(&m->question, strategy_learns(s->spec->method));
    map_put(&t->minds, s->id, strlen(s->id), m);
    return m;
}

static void mind_free(struct mind *m)
{
    strategy_free(m->strategy);
    spec_free(m->spec);
    question_done(&m->question);
    arena_done(&m->kept);
    arena_done(&m->arena);
    mem_free(m);
}

static void mind_replay(void *arg, const struct view_proposal *p)
{
    struct mind *m = arg;
    strategy_replay(m->strategy, p->cursor, p->params);
    if (m->question.learns)
        strategy_report(m->strategy, p->number, &p->fate);
}

static int mind_read_spec(struct mind *m)
{
    const char *fault;
    m->spec = spec_read_stored(m->content, &m->arena, &fault);
    return fault ? err_set(&m->err, ERR_SPEC, "its spec cannot be read: %s", fault) : 0;
}

static int mind_read_prior(struct mind *m, struct view *view)
{
    struct value *prior = NULL;
    int rc = view_prior(view, &m->arena, m->sweep, &prior, &m->err);
    if (rc == 0)
        strategy_set_prior(m->strategy, prior);
    return rc;
}

/* Runs on the thread. Reads the earlier proposals from the store, as it is at this moment. */
static int mind_make(struct mind *m)
{
    struct view *view = NULL;
    uint64_t loaded = 0;
    int rc = m->spec ? 0 : mind_read_spec(m);
    if (rc == 0)
        rc = strategy_new(m->spec, m->seed, &m->strategy, &m->err);
    if (rc == 0)
        rc = view_open(m->thinker->config.dir, &view, &m->err);
    if (rc == 0 && m->spec->prior)
        rc = mind_read_prior(m, view);
    if (rc == 0)
        rc = view_proposals(view, m->sweep, m->spec, &loaded, mind_replay, m, &m->err);
    view_close(view);
    if (rc == 0) {
        question_made(&m->question, loaded);
    } else {
        strategy_free(m->strategy);
        m->strategy = NULL;
    }
    return rc;
}

/* Runs on the thread. */
static void mind_think(void *arg)
{
    struct mind *m = arg;
    m->err = (struct err){0};
    m->n = 0;
    int rc = m->strategy ? 0 : mind_make(m);
    if (rc == 0)
        question_tell(&m->question, m->strategy);
    uint32_t wanted = m->question.wanted;
    m->proposals = arena_alloc(&m->arena, wanted * sizeof *m->proposals);
    while (rc == 0 && m->n < wanted)
        if ((rc = strategy_propose(m->strategy, &m->arena, &m->proposals[m->n], &m->err)) == 0)
            m->n++;
    m->err.code = rc;
}

static void mind_answer(struct mind *m)
{
    struct thinker *t = m->thinker;
    struct question_answer answer = {.sweep = m->sweep,
                                     .proposals = m->proposals,
                                     .n = m->n,
                                     .code = m->err.code,
                                     .text = m->err.text};
    question_answered(&m->question, &answer);
    if (!t->closing)
        t->config.answered(t->config.arg, &answer);
    arena_clear(&m->arena);
    if (m->question.forgotten)
        mind_free(m);
}

static void mind_thought(void *arg)
{
    mind_answer(arg);
}

static void mind_push(struct mind *m)
{
    struct thinker *t = m->thinker;
    struct err err = {0};
    if (m->worker || mind_find_worker(t, &m->worker, &err) == 0) {
        worker_push(m->worker, mind_think, mind_thought, m);
        return;
    }
    m->err = err;
    m->n = 0;
    mind_answer(m);
}

void thinker_ask(struct thinker *t, const struct book_sweep *s, const struct effect *e)
{
    struct mind *m = mind_find(t, s->id);
    if (!m)
        m = mind_new(t, s);
    if (question_ask(&m->question, e, t->durable))
        mind_push(m);
    else
        t->held_n++;
}

void thinker_durable(struct thinker *t, uint64_t seq)
{
    void *value;
    t->durable = seq;
    for (size_t at = 0; t->held_n > 0 && map_next(&t->minds, &at, &value);) {
        struct mind *m = value;
        if (!question_release(&m->question, seq))
            continue;
        t->held_n--;
        mind_push(m);
    }
}

void thinker_report(struct thinker *t, const char *sweep, const struct question_report *report)
{
    struct mind *m = mind_find(t, sweep);
    if (m)
        question_report(&m->question, report);
}

void thinker_forget(struct thinker *t, const char *sweep)
{
    struct mind *m = map_remove(&t->minds, sweep, strlen(sweep));
    if (!m)
        return;
    t->held_n -= m->question.held;
    if (m->question.held && !t->closing) /* answer the question, with no proposals */
        t->config.answered(t->config.arg,
                           &(struct question_answer){.sweep = sweep, .asker = m->question.asker});
    if (question_forget(&m->question))
        mind_free(m);
}

void thinker_close(struct thinker *t)
{
    t->closing = true;
    for (size_t i = 0; i < THREADS_MAX; i++) {
        t->left |= worker_leave(t->workers[i]);
        t->workers[i] = NULL;
    }
}

void thinker_free(struct thinker *t)
{
    void *mind;
    if (!t || t->left)
        return;
    for (size_t at = 0; map_next(&t->minds, &at, &mind);)
        mind_free(mind);
    map_done(&t->minds);
    mem_free((char *)t->config.dir);
    mem_free(t);
}
