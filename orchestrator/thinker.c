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

struct report { /* how a trial stands */
    uint64_t number, seq;
    struct history_fate fate;
};

struct reports {
    struct report *items;
    size_t n, cap;
    struct map by_number; /* number -> 1 + place in items */
};

/* A sweep's strategy. While a question is under way the thread owns all but what is marked. */
struct mind {
    struct thinker *thinker;     /* loop's */
    struct worker *worker;       /* loop's */
    struct reports waiting;      /* loop's: since the last question */
    bool asked, held, forgotten; /* loop's; held: the question waits for the store */
    bool learns;                 /* never changes */
    char sweep[16];
    struct arena kept; /* what is here from the start: content */
    const struct value *content;
    uint64_t seed;
    struct spec *spec;
    struct strategy *strategy; /* NULL before the first question */
    uint64_t loaded;           /* seq that the store's rows had when it was made */
    /* the question and its answer */
    struct reports reports;
    struct arena arena;
    struct proposal *proposals;
    uint32_t wanted, n;
    uint64_t known;
    struct err err;
};

struct thinker {
    struct thinker_config config;
    struct worker *workers[THREADS_MAX];
    size_t minds_n;   /* that were ever made */
    struct map minds; /* sweep id -> struct mind * */
    size_t held_n;    /* questions that wait for the store */
    uint64_t durable;
    bool closing;
};

static void reports_init(struct reports *r)
{
    *r = (struct reports){0};
    map_init(&r->by_number);
}

static void reports_done(struct reports *r)
{
    mem_free(r->items);
    map_done(&r->by_number);
    reports_init(r);
}

/* Only the newest report of a trial counts. */
static void reports_add(struct reports *r, const struct report *report)
{
    size_t place = (uintptr_t)map_find(&r->by_number, &report->number, sizeof report->number);
    if (place) {
        r->items[place - 1] = *report;
        return;
    }
    r->items = mem_grow(r->items, &r->cap, r->n + 1, sizeof *r->items);
    r->items[r->n++] = *report;
    map_put(&r->by_number, &report->number, sizeof report->number, (void *)(uintptr_t)r->n);
}

struct thinker *thinker_new(const struct thinker_config *config)
{
    struct thinker *t = mem_alloc(sizeof *t);
    t->config = *config;
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
    reports_init(&m->waiting);
    reports_init(&m->reports);
    m->content = value_copy(&m->kept, s->spec->content);
    m->seed = s->seed;
    m->learns = strategy_learns(s->spec->method);
    map_put(&t->minds, s->id, strlen(s->id), m);
    return m;
}

static void mind_free(struct mind *m)
{
    strategy_free(m->strategy);
    spec_free(m->spec);
    reports_done(&m->waiting);
    reports_done(&m->reports);
    arena_done(&m->kept);
    arena_done(&m->arena);
    mem_free(m);
}

static void mind_replay(void *arg, const struct view_proposal *p)
{
    struct mind *m = arg;
    strategy_replay(m->strategy, p->cursor, p->params);
    if (m->learns)
        strategy_report(m->strategy, p->number, &p->fate);
}

static int mind_read_spec(struct mind *m)
{
    const char *fault;
    m->spec = spec_read_stored(m->content, &m->arena, &fault);
    return fault ? err_set(&m->err, ERR_SPEC, "its spec cannot be read: %s", fault) : 0;
}

/* On the thread. What was proposed before is read from the store, as it is at this moment. */
static int mind_make(struct mind *m)
{
    struct view *view = NULL;
    int rc = m->spec ? 0 : mind_read_spec(m);
    if (rc == 0)
        rc = strategy_new(m->spec, m->seed, &m->strategy, &m->err);
    if (rc == 0)
        rc = view_open(m->thinker->config.dir, &view, &m->err);
    if (rc == 0)
        rc = view_proposals(view, m->sweep, &m->loaded, mind_replay, m, &m->err);
    view_close(view);
    if (rc != 0) {
        strategy_free(m->strategy);
        m->strategy = NULL;
    }
    return rc;
}

/* On the thread. */
static void mind_think(void *arg)
{
    struct mind *m = arg;
    m->err = (struct err){0};
    int rc = m->strategy ? 0 : mind_make(m);
    if (rc == 0 && m->known < m->loaded)
        m->known = m->loaded;
    for (size_t i = 0; rc == 0 && i < m->reports.n; i++)
        if (m->reports.items[i].seq > m->loaded)
            strategy_report(m->strategy, m->reports.items[i].number, &m->reports.items[i].fate);
    m->proposals = arena_alloc(&m->arena, m->wanted * sizeof *m->proposals);
    while (rc == 0 && m->n < m->wanted)
        if ((rc = strategy_propose(m->strategy, &m->arena, &m->proposals[m->n], &m->err)) == 0)
            m->n++;
    m->err.code = rc;
}

static void mind_answer(struct mind *m)
{
    struct thinker *t = m->thinker;
    struct thinker_answer answer = {.sweep = m->sweep,
                                    .proposals = m->proposals,
                                    .n = m->n,
                                    .known = m->known,
                                    .code = m->err.code,
                                    .text = m->err.text};
    m->asked = false;
    if (!t->closing)
        t->config.answered(t->config.arg, &answer);
    arena_clear(&m->arena);
    reports_done(&m->reports);
    if (m->forgotten)
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
    mind_answer(m);
}

void thinker_ask(struct thinker *t, const struct book_sweep *s, uint32_t wanted, uint64_t known)
{
    struct mind *m = mind_find(t, s->id);
    if (!m)
        m = mind_new(t, s);
    PRE(!m->asked);
    m->asked = true;
    m->wanted = wanted;
    m->n = 0;
    m->known = known;
    m->reports = m->waiting;
    reports_init(&m->waiting);
    m->held = !m->strategy && known > t->durable;
    if (m->held)
        t->held_n++;
    else
        mind_push(m);
}

void thinker_durable(struct thinker *t, uint64_t seq)
{
    void *value;
    t->durable = seq;
    for (size_t at = 0; t->held_n > 0 && map_next(&t->minds, &at, &value);) {
        struct mind *m = value;
        if (!m->held || m->known > seq)
            continue;
        m->held = false;
        t->held_n--;
        mind_push(m);
    }
}

void thinker_report(struct thinker *t, const char *sweep, uint64_t number,
                    const struct history_fate *fate, uint64_t seq)
{
    struct mind *m = mind_find(t, sweep);
    if (m && m->learns)
        reports_add(&m->waiting, &(struct report){number, seq, *fate});
}

void thinker_forget(struct thinker *t, const char *sweep)
{
    struct mind *m = map_remove(&t->minds, sweep, strlen(sweep));
    if (m && m->held) {
        t->held_n--;
        m->asked = false;
    }
    if (m && m->asked)
        m->forgotten = true;
    else if (m)
        mind_free(m);
}

void thinker_close(struct thinker *t)
{
    t->closing = true;
    for (size_t i = 0; i < THREADS_MAX; i++) {
        worker_close(t->workers[i]);
        t->workers[i] = NULL;
    }
}

void thinker_free(struct thinker *t)
{
    void *mind;
    if (!t)
        return;
    for (size_t at = 0; map_next(&t->minds, &at, &mind);)
        mind_free(mind);
    map_done(&t->minds);
    mem_free(t);
}
