/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/books.h"

#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "language/spec_read.h"

void books_init(struct books *b)
{
    *b = (struct books){0};
    map_init(&b->sweeps);
}

static struct book_trial *trial_of_pending(const struct heap_item *item)
{
    return (struct book_trial *)((char *)(uintptr_t)item - offsetof(struct book_trial, pending));
}

static bool pending_is_lower(const struct heap_item *a, const struct heap_item *b)
{
    return trial_of_pending(a)->number < trial_of_pending(b)->number;
}

static void free_sweep(struct book_sweep *s)
{
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);)
        books_trial_free(trial);
    map_done(&s->open);
    heap_done(&s->pending);
    stopper_free(s->stopper);
    spec_free(s->spec);
    mem_free(s->fault);
    mem_free(s->name);
    mem_free(s->path);
    mem_free(s->workdir);
    mem_free(s->text);
    mem_free(s);
}

void books_done(struct books *b)
{
    void *sweep;
    for (size_t at = 0; map_next(&b->sweeps, &at, &sweep);)
        free_sweep(sweep);
    map_done(&b->sweeps);
    mem_free(b->loose);
    mem_free(b->leaving);
    *b = (struct books){0};
}

struct book_sweep *books_sweep_new(const char *id)
{
    struct book_sweep *s = mem_alloc(sizeof *s);
    PRE(strlen(id) < sizeof s->id);
    memcpy(s->id, id, strlen(id) + 1);
    map_init(&s->open);
    heap_init(&s->pending, pending_is_lower);
    return s;
}

struct book_trial *books_trial_new(uint64_t number)
{
    struct book_trial *t = mem_alloc(sizeof *t);
    t->number = number;
    t->step = -1;
    map_init(&t->last);
    return t;
}

static void forget_metrics(struct book_trial *t)
{
    void *metric;
    t->changed_n = 0;
    for (size_t at = 0; map_next(&t->last, &at, &metric);)
        mem_free(metric);
    map_done(&t->last);
    map_init(&t->last);
}

static void free_attempt(struct book_attempt *at)
{
    mem_free(at->text);
    mem_free(at->stop_why);
}

static void forget_earlier(struct book_trial *t)
{
    for (size_t i = 0; i < t->earlier_n; i++)
        free_attempt(&t->earlier[i]);
    mem_free(t->earlier);
    t->earlier = NULL;
    t->earlier_n = t->earlier_cap = 0;
}

void books_trial_free(struct book_trial *t)
{
    forget_metrics(t);
    forget_earlier(t);
    map_done(&t->last);
    mem_free(t->changed);
    free_attempt(&t->attempt);
    mem_free(t->params);
    mem_free(t->why);
    mem_free(t);
}

static struct book_metric *set_metric(struct book_trial *t, const char *key, double value)
{
    size_t len = strlen(key);
    struct book_metric *m = map_find(&t->last, key, len);
    if (!m) {
        m = mem_alloc(sizeof *m + len + 1);
        m->place = (uint32_t)t->last.live;
        memcpy(m->key, key, len + 1);
        map_put(&t->last, key, len, m);
    }
    m->value = value;
    return m;
}

void books_load_metric(struct book_trial *t, const char *key, double value)
{
    set_metric(t, key, value);
}

static void change_metric(struct book_trial *t, const char *key, double value)
{
    struct book_metric *m = set_metric(t, key, value);
    if (m->changed)
        return;
    m->changed = true;
    t->changed = mem_grow(t->changed, &t->changed_cap, t->changed_n + 1, sizeof(void *));
    t->changed[t->changed_n++] = m;
}

static void forget_changes(struct book_trial *t)
{
    for (size_t i = 0; i < t->changed_n; i++)
        t->changed[i]->changed = false;
    t->changed_n = 0;
    t->metrics_gone = false;
}

struct book_sweep *books_sweep(const struct books *b, const char *id)
{
    return map_find(&b->sweeps, id, strlen(id));
}

struct book_trial *books_trial(const struct book_sweep *s, uint64_t number)
{
    return map_find(&s->open, &number, sizeof number);
}

struct book_sweep *books_add_sweep(struct books *b, struct book_sweep *s)
{
    void *old = map_put(&b->sweeps, s->id, strlen(s->id), s);
    POST(!old);
    return s;
}

static void order_pending(struct book_sweep *s, struct book_trial *t)
{
    if (t->state == TRIAL_PENDING)
        heap_put(&s->pending, &t->pending);
    else
        heap_remove(&s->pending, &t->pending);
}

struct book_trial *books_add_trial(struct book_sweep *s, struct book_trial *t)
{
    void *old = map_put(&s->open, &t->number, sizeof t->number, t);
    POST(!old);
    order_pending(s, t);
    return t;
}

struct history_fate books_fate(const struct book_trial *t)
{
    return (struct history_fate){.state = (enum trial_state)t->state,
                                 .objective = t->objective.known ? t->objective.value : NAN,
                                 .iterations = t->objective.iterations,
                                 .cost_s = (double)t->attempt.ran_ms / 1000};
}

struct book_trial *books_first_pending(const struct book_sweep *s)
{
    const struct heap_item *first = heap_first(&s->pending);
    return first ? trial_of_pending(first) : NULL;
}

void books_drop_sweep(struct books *b, struct book_sweep *s)
{
    PRE(sweep_states[s->state].final && s->open.live == 0);
    map_remove(&b->sweeps, s->id, strlen(s->id));
    free_sweep(s);
}

static void make_loose(struct books *b, struct book_sweep *s, uint64_t number)
{
    b->loose = mem_grow(b->loose, &b->loose_cap, b->loose_n + 1, sizeof *b->loose);
    b->loose[b->loose_n++] = (struct book_ref){s, number};
}

size_t books_seal(struct books *b)
{
    for (size_t i = 0; i < b->loose_n; i++) {
        struct book_sweep *s = b->loose[i].sweep;
        struct book_trial *t = books_trial(s, b->loose[i].number);
        if (t && trial_states[t->state].final) {
            b->leaving =
                mem_grow(b->leaving, &b->leaving_cap, b->leaving_n + 1, sizeof *b->leaving);
            b->leaving[b->leaving_n++] = b->loose[i];
        } else if (t) {
            forget_earlier(t);
            forget_changes(t);
            t->rungs_kept = s->stopper ? stopper_rungs(s->stopper, t->number) : 0;
        }
    }
    b->loose_n = 0;
    return b->leaving_n;
}

void books_release(struct books *b, size_t n)
{
    PRE(n <= b->leaving_n);
    for (size_t i = 0; i < n; i++) {
        struct book_sweep *s = b->leaving[i].sweep;
        struct book_trial *t = books_trial(s, b->leaving[i].number);
        if (!t)
            continue;
        if (s->stopper)
            stopper_forget(s->stopper, t->number);
        map_remove(&s->open, &t->number, sizeof t->number);
        books_trial_free(t);
    }
    b->leaving_n -= n;
    if (b->leaving_n)
        memmove(b->leaving, b->leaving + n, b->leaving_n * sizeof *b->leaving);
}

void books_sweep_out(struct books *b)
{
    books_release(b, books_seal(b));
}

static char *dup_or_null(const char *s)
{
    return s ? mem_strdup(s) : NULL;
}

static void text_replace(char **text, const char *with)
{
    mem_free(*text);
    *text = dup_or_null(with);
}

static char *json_dup(const struct value *v)
{
    if (!v)
        return NULL;
    struct buf text;
    buf_init(&text, SIZE_MAX);
    json_print(&text, v, JSON_PYTHON);
    return buf_str(&text);
}

static int no_place(struct err *err, const struct fact *f, const char *why)
{
    return err_set(err, ERR_STATE, "%s-%llu: the fact \"%s\" does not fit: %s", f->sweep,
                   (unsigned long long)f->trial, fact_kind_name(f->kind), why);
}

/* The fault of one sweep is no reason to lock the others: it is kept with it. */
void books_leave_trials(struct book_sweep *s, const char *fault)
{
    void *trial;
    for (size_t at = 0; map_next(&s->open, &at, &trial);) {
        heap_remove(&s->pending, &((struct book_trial *)trial)->pending);
        books_trial_free(trial);
    }
    map_done(&s->open);
    map_init(&s->open);
    if (!s->fault)
        s->fault = mem_strdup(fault);
}

void books_read_spec(struct book_sweep *s, const struct value *content)
{
    struct arena scratch;
    const char *fault;
    arena_init(&scratch);
    s->spec = spec_read_stored(content, &scratch, &fault);
    s->fault = dup_or_null(fault);
    s->stopper = fault ? NULL : stopper_new(s->spec);
    arena_done(&scratch);
}

static int apply_created(struct books *b, const struct fact *f, struct err *err)
{
    size_t len = strlen(f->sweep);
    if (len == 0 || len >= sizeof((struct book_sweep *)0)->id)
        return err_set(err, ERR_LIMIT, "a sweep's id has 1 to 15 characters, not %zu", len);
    /* MUTANT one-id: books_sweep(b, f->sweep) => false */
    if (books_sweep(b, f->sweep))
        return err_set(err, ERR_STATE, "there is a sweep %s already", f->sweep);
    struct book_sweep *s = books_sweep_new(f->sweep);
    books_read_spec(s, f->content);
    s->name = dup_or_null(f->name);
    s->path = mem_strdup(f->path);
    s->workdir = mem_strdup(f->workdir);
    s->seed = f->seed;
    s->total = f->total;
    s->state = SWEEP_RUNNING;
    s->created_ms = f->time_ms;
    books_add_sweep(b, s);
    return 0;
}

static int apply_sweep_state(struct book_sweep *s, const struct fact *f, struct err *err)
{
    if (!machine_may_move(sweep_states, s->state, f->state))
        return err_set(err, ERR_STATE, "sweep %s is %s and cannot become %s", s->id,
                       sweep_states[s->state].name, sweep_states[f->state].name);
    if (s->state == SWEEP_PAUSED && f->state == SWEEP_RUNNING)
        s->failure_streak = 0;
    machine_move(sweep_states, &s->state, f->state);
    s->reason = f->reason;
    text_replace(&s->text, f->text);
    if (sweep_states[s->state].final)
        s->ended_ms = f->time_ms;
    return 0;
}

static int apply_proposed(struct book_sweep *s, const struct fact *f, struct err *err)
{
    if (f->trial != s->proposed)
        return no_place(err, f, "it is not the next number");
    if (sweep_states[s->state].final)
        return no_place(err, f, "the sweep has ended");
    struct book_trial *t = books_trial_new(f->trial);
    t->cursor = f->cursor;
    t->params = json_dup(f->params);
    t->why = json_dup(f->why);
    t->created_ms = f->time_ms;
    books_add_trial(s, t);
    s->proposed++;
    s->counts[TRIAL_PENDING]++;
    return 0;
}

static void set_state(struct books *b, struct book_sweep *s, struct book_trial *t,
                      const struct fact *f)
{
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, f->state);
    s->counts[t->state]++;
    order_pending(s, t);
    if (!trial_states[t->state].final)
        return;
    t->reason = f->reason;
    t->ended_ms = f->kind == FACT_ENDED ? f->ended_ms : f->time_ms;
    make_loose(b, s, t->number);
}

static void keep_earlier(struct books *b, struct book_sweep *s, struct book_trial *t)
{
    if (t->attempt.number == 0)
        return;
    t->earlier = mem_grow(t->earlier, &t->earlier_cap, t->earlier_n + 1, sizeof *t->earlier);
    t->earlier[t->earlier_n++] = t->attempt;
    make_loose(b, s, t->number);
}

static int apply_launched(struct books *b, struct book_sweep *s, struct book_trial *t,
                          const struct fact *f, struct err *err)
{
    struct book_attempt next = {
        .number = f->attempt,
        .state = ATTEMPT_LAUNCHED,
        .slot = f->slot,
        .launched_ms = f->time_ms,
        .code = -1,
    };
    if (t->state != TRIAL_PENDING)
        return no_place(err, f, "the trial is not pending");
    if (f->attempt != t->attempt.number + 1)
        return no_place(err, f, "it is not the next attempt");
    if (strlen(f->agent) >= sizeof next.agent)
        return no_place(err, f, "the agent's name is too long");
    memcpy(next.agent, f->agent, strlen(f->agent) + 1);
    keep_earlier(b, s, t);
    t->attempt = next;
    t->started_ms = f->time_ms;
    objective_restart(&t->objective);
    t->step = -1;
    t->metrics_gone = t->attempt.number > 1;
    forget_metrics(t);
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, TRIAL_RUNNING);
    s->counts[t->state]++;
    order_pending(s, t);
    return 0;
}

static bool is_live(const struct book_trial *t, const struct fact *f)
{
    return t->state == TRIAL_RUNNING && t->attempt.number == f->attempt &&
           t->attempt.state != ATTEMPT_ENDED;
}

static int apply_stopping(struct books *b, struct book_sweep *s, struct book_trial *t,
                          const struct fact *f, struct err *err)
{
    (void)b, (void)s;
    if (!is_live(t, f) || t->attempt.state != ATTEMPT_LAUNCHED)
        return no_place(err, f, "that attempt is not running");
    machine_move(attempt_states, &t->attempt.state, ATTEMPT_STOPPING);
    t->attempt.stop = f->reason;
    t->attempt.stop_why = json_dup(f->why);
    return 0;
}

static int apply_metrics(struct books *b, struct book_sweep *s, struct book_trial *t,
                         const struct fact *f, struct err *err)
{
    if (!is_live(t, f))
        return no_place(err, f, "that attempt is not running");
    struct book_attempt *at = &t->attempt;
    if (f->from != at->offset[f->stream] || f->to < f->from)
        return no_place(err, f, "it does not begin where the last one ended");
    at->offset[f->stream] = f->to;
    at->next_step = f->next_step;
    at->points += f->points.n;
    at->bad_lines += f->points.bad;
    at->dropped_values += f->points.dropped;
    at->long_lines += f->points.too_long;
    const char *metric = s->spec->metric.name;
    const struct objective_rule rule = spec_objective_rule(s->spec);
    for (size_t i = 0; i < f->points.n; i++) {
        const struct point *p = &f->points.items[i], *next = p + 1;
        double value;
        if (metric && point_find(p, metric, &value) &&
            objective_fold(&rule, &t->objective, value, p->step) && s->stopper)
            stopper_report(s->stopper, t->number, t->objective.iterations, value);
        /* A point whose every key the next one has says nothing about the last values. */
        if (i + 1 < f->points.n && next->keys == p->keys && next->n == p->n)
            continue;
        for (size_t k = 0; k < p->n; k++)
            change_metric(t, p->keys[k], p->values[k]);
    }
    if (f->points.n)
        t->step = f->points.items[f->points.n - 1].step;
    if (f->points.n)
        make_loose(b, s, t->number);
    return 0;
}

static void fold_streak(struct book_sweep *s, const struct book_attempt *at)
{
    bool own = at->reason == REASON_EXIT || at->reason == REASON_LAUNCH ||
               (at->reason == REASON_SIGNAL && at->signal != SIGKILL && at->signal != SIGTERM &&
                at->signal != SIGINT);
    if (at->reason == REASON_OK || at->ran_ms >= BOOKS_QUICK_FAILURE_MS) {
        s->failure_streak = 0;
    } else if (own) {
        bool apart = at->ended_ms - s->failure_ms > BOOKS_STREAK_GAP_MS;
        s->failure_streak = apart ? 1 : s->failure_streak + 1;
        s->failure_ms = at->ended_ms;
    }
}

static int apply_ended(struct books *b, struct book_sweep *s, struct book_trial *t,
                       const struct fact *f, struct err *err)
{
    if (!is_live(t, f))
        return no_place(err, f, "that attempt is not running");
    if (!machine_may_move(trial_states, t->state, f->state))
        return no_place(err, f, "a running trial cannot become that");
    struct book_attempt *at = &t->attempt;
    machine_move(attempt_states, &at->state, ATTEMPT_ENDED);
    at->reason = f->reason;
    at->ended_ms = f->ended_ms;
    at->ran_ms = f->ran_ms;
    at->code = f->code;
    at->signal = f->signal;
    at->log_dropped = f->log_dropped;
    at->stdout_dropped = f->stdout_dropped;
    at->rewrites = f->rewrites;
    text_replace(&at->text, f->text);
    t->failed += trial_reason_state(f->reason) == TRIAL_FAILED;
    t->lost += trial_reason_state(f->reason) == TRIAL_LOST;
    fold_streak(s, at);
    set_state(b, s, t, f);
    if (t->state == TRIAL_FINISHED || t->state == TRIAL_STOPPED) {
        const struct objective_rule rule = spec_objective_rule(s->spec);
        objective_fold_best(&rule, &s->best, t->number, &t->objective);
    }
    return 0;
}

static int apply_trial_state(struct books *b, struct book_sweep *s, struct book_trial *t,
                             const struct fact *f, struct err *err)
{
    if (t->state != TRIAL_PENDING || !trial_states[f->state].final ||
        !machine_may_move(trial_states, t->state, f->state))
        return no_place(err, f, "the trial is not pending, or cannot become that");
    set_state(b, s, t, f);
    return 0;
}

typedef int (*trial_fn)(struct books *b, struct book_sweep *s, struct book_trial *t,
                        const struct fact *f, struct err *err);

static int apply_fact(struct books *b, const struct fact *f, struct err *err)
{
    static const trial_fn trial_fns[FACT_KIND_COUNT] = {
        [FACT_LAUNCHED] = apply_launched,       [FACT_STOPPING] = apply_stopping,
        [FACT_METRICS] = apply_metrics,         [FACT_ENDED] = apply_ended,
        [FACT_TRIAL_STATE] = apply_trial_state,
    };
    if (f->kind == FACT_SWEEP_CREATED)
        return apply_created(b, f, err);
    struct book_sweep *s = books_sweep(b, f->sweep);
    if (!s)
        return err_set(err, ERR_NOT_FOUND, "there is no sweep %s", f->sweep);
    if (f->kind == FACT_SWEEP_STATE)
        return apply_sweep_state(s, f, err);
    if (f->kind == FACT_PROPOSED)
        return apply_proposed(s, f, err);
    struct book_trial *t = books_trial(s, f->trial);
    if (!t)
        return err_set(err, ERR_NOT_FOUND, "there is no open trial %s-%llu", s->id,
                       (unsigned long long)f->trial);
    return trial_fns[f->kind](b, s, t, f, err);
}

int books_apply(struct books *b, const struct fact *f, struct err *err)
{
    if (f->seq <= b->seq)
        return err_set(err, ERR_STATE, "the fact \"%s\" is number %llu, after number %llu",
                       fact_kind_name(f->kind), (unsigned long long)f->seq,
                       (unsigned long long)b->seq);
    int rc = apply_fact(b, f, err);
    if (rc == 0)
        b->seq = f->seq;
    return rc;
}
