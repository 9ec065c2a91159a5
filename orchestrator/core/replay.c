/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/replay.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

enum { DIFFERENCE_BYTES = 4096 };

struct replay_report { /* the state of a trial after fact number seq */
    uint64_t seq, trial;
    struct history_fate fate;
};

struct replay_past {
    uint64_t cursor;
    char *params; /* JSON */
    bool told;
    struct history_fate fate; /* the state last told to the strategy */
};

void replay_init(struct replay *r, const char *sweep)
{
    *r = (struct replay){0};
    snprintf(r->sweep, sizeof r->sweep, "%s", sweep);
    books_init(&r->books);
    r->books.keeps_lost = true;
    buf_init(&r->difference, DIFFERENCE_BYTES);
    arena_init(&r->arena);
    arena_init(&r->kept);
}

void replay_done(struct replay *r)
{
    strategy_free(r->strategy);
    books_done(&r->books);
    mem_free(r->reports);
    for (size_t i = 0; i < r->past_n; i++)
        mem_free(r->past[i].params);
    mem_free(r->past);
    buf_done(&r->difference);
    arena_done(&r->arena);
    arena_done(&r->kept);
}

void replay_differs(struct replay *r, uint64_t trial, const char *fmt, ...)
{
    char text[DIFFERENCE_BYTES];
    va_list ap;
    if (r->differs)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->differs = true;
    r->trial = trial;
    buf_adds(&r->difference, text);
}

static const char *replay_text(struct replay *r, const struct value *v)
{
    return v ? json_text(&r->arena, v, JSON_PYTHON) : "absent";
}

/* Rounding differs between processors and builds, and a model accumulates the differences. */
#define REPLAY_ROUNDING 1e-6

static bool replay_is_close(const struct value *a, const struct value *b)
{
    if (!a || !b)
        return a == b;
    if (value_is_number(a) && value_is_number(b)) {
        double x = value_number(a), y = value_number(b);
        return x == y || fabs(x - y) <= REPLAY_ROUNDING * fmax(fmax(fabs(x), fabs(y)), 1e-9);
    }
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_LIST) {
        bool close = a->list.n == b->list.n;
        for (size_t i = 0; close && i < a->list.n; i++)
            close = replay_is_close(a->list.items[i], b->list.items[i]);
        return close;
    }
    if (a->kind != VALUE_DICT)
        return value_same(a, b);
    bool close = a->dict.n == b->dict.n;
    for (size_t i = 0; close && i < a->dict.n; i++)
        close = replay_is_close(a->dict.entries[i].value, value_get(b, a->dict.entries[i].key));
    return close;
}

static void replay_compare(struct replay *r, uint64_t trial, const char *what,
                           const struct value *recorded, const struct value *derived)
{
    const char *a = replay_text(r, recorded), *b = replay_text(r, derived);
    bool learns = strategy_is_learner(r->strategy);
    if (strcmp(a, b) == 0 || (learns && replay_is_close(recorded, derived)))
        return;
    replay_differs(r, trial, "%s recorded: %.1900s; derived: %.1900s%s", what, a, b,
                   learns ? "; a method that learns may differ on another processor, or with "
                            "another build of besom"
                          : "");
}

/* Tells the strategy the facts up to `known`: it did not know later ones when it proposed. */
static void replay_tell(struct replay *r, uint64_t known)
{
    for (; r->told < r->reports_n && r->reports[r->told].seq <= known; r->told++) {
        const struct replay_report *report = &r->reports[r->told];
        strategy_report(r->strategy, report->trial, &report->fate);
        if (report->trial < r->past_n) {
            r->past[report->trial].told = true;
            r->past[report->trial].fate = report->fate;
        }
    }
    if (r->told == r->reports_n)
        r->told = r->reports_n = 0;
}

static void replay_proposal(struct replay *r, const struct fact *f)
{
    struct proposal p;
    struct err why = {0};
    if (f->cursor == STRATEGY_ENQUEUED) { /* by somebody, not by the strategy */
        strategy_replay(r->strategy, f->cursor, f->params);
        return;
    }
    replay_tell(r, f->known);
    r->proposals++;
    int rc = strategy_propose(r->strategy, &r->arena, &p, &why);
    if (rc != 0) {
        replay_differs(r, f->trial, "the strategy proposes nothing: %s", why.text);
        return;
    }
    replay_compare(r, f->trial, "configuration", f->params, p.params);
    if (f->cursor != p.cursor)
        replay_differs(r, f->trial, "cursor recorded: %llu; derived: %llu",
                       (unsigned long long)f->cursor, (unsigned long long)p.cursor);
    replay_compare(r, f->trial, "explanation", f->why, p.why);
}

static void replay_stop(struct replay *r, const struct book_sweep *s, const struct fact *f)
{
    const struct book_trial *t = books_trial(s, f->trial);
    struct stopper_why why;
    r->stops++;
    if (t && books_sweep_stops(s, t, &why))
        replay_compare(r, f->trial, "stop", f->why, stopper_why_value(&r->arena, &why));
    else
        replay_differs(r, f->trial, "the store records a stop that the rule would not make");
}

/* A report in several parts is judged once: only its last part moves the offset. */
static void replay_judge(struct replay *r, const struct book_sweep *s, const struct fact *f)
{
    const struct book_trial *t = books_trial(s, f->trial);
    struct stopper_why why;
    if (t && f->to > f->from && t->attempt.state == ATTEMPT_LAUNCHED &&
        books_sweep_stops(s, t, &why))
        r->due = f->trial + 1;
}

static void replay_keep(struct replay *r, const struct fact *f)
{
    r->past = mem_grow(r->past, &r->past_cap, r->past_n + 1, sizeof *r->past);
    r->past[r->past_n++] =
        (struct replay_past){.cursor = f->cursor, .params = mem_strdup(replay_text(r, f->params))};
}

/* Replays the past to a new strategy, as when one is made from the store. */
static int replay_again(struct replay *r, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->past_n; i++) {
        const struct replay_past *past = &r->past[i];
        struct value *params = NULL;
        rc = json_parse(&r->arena, past->params, strlen(past->params), &params, err);
        if (rc == 0)
            strategy_replay(r->strategy, past->cursor, params);
        if (rc == 0 && past->told)
            strategy_report(r->strategy, i, &past->fate);
    }
    return rc;
}

static int replay_start(struct replay *r, struct err *err)
{
    const struct book_sweep *s = books_sweep(&r->books, r->sweep);
    int rc = r->type ? strategy_new_of(r->type, s->spec, s->seed, &r->strategy, err)
                     : strategy_new(s->spec, s->seed, &r->strategy, err);
    if (rc == 0)
        strategy_set_prior(r->strategy, r->prior);
    return rc;
}

int replay_fact(struct replay *r, const struct fact *f, struct err *err)
{
    if (strcmp(f->sweep, r->sweep) != 0)
        return 0;
    arena_clear(&r->arena);
    const struct book_sweep *s = books_sweep(&r->books, r->sweep);
    if (r->due && (f->kind != FACT_STOPPING || f->trial + 1 != r->due))
        replay_differs(r, r->due - 1, "the store records no stop, but the rule makes one");
    r->due = 0;
    if (s && !r->differs && f->kind == FACT_PROPOSED)
        replay_proposal(r, f);
    if (s && !r->differs && f->kind == FACT_STOPPING && f->reason == REASON_STOPPER)
        replay_stop(r, s, f);
    if (r->edited && f->kind == FACT_PROPOSED)
        replay_keep(r, f);
    if (f->kind == FACT_SWEEP_EDITED) { /* applying the fact frees its spec */
        strategy_free(r->strategy);
        r->strategy = NULL;
    }
    if (f->kind == FACT_SWEEP_CREATED && f->prior)
        r->prior = value_copy(&r->kept, f->prior);
    int rc = books_apply(&r->books, f, err);
    if (rc == 0 && (f->kind == FACT_SWEEP_CREATED || f->kind == FACT_SWEEP_EDITED))
        rc = replay_start(r, err);
    if (rc == 0 && f->kind == FACT_SWEEP_EDITED)
        rc = replay_again(r, err);
    s = books_sweep(&r->books, r->sweep);
    if (rc == 0 && s && f->kind == FACT_METRICS && f->stream != FACT_STREAM_SYSTEM)
        replay_judge(r, s, f);
    const struct book_trial *t = rc == 0 && s ? books_trial(s, f->trial) : NULL;
    if (t && f->kind > FACT_PROPOSED && strategy_is_learner(r->strategy)) {
        r->reports = mem_grow(r->reports, &r->reports_cap, r->reports_n + 1, sizeof *r->reports);
        r->reports[r->reports_n++] =
            (struct replay_report){f->seq, f->trial, books_sweep_fate(s, t)};
    }
    books_sweep_out(&r->books);
    return rc;
}
