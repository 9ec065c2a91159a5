/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/books_sweep.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "language/spec_read.h"
#include "strategies/strategy_type.h"

static struct book_trial *trial_of_pending(const struct heap_item *item)
{
    return (struct book_trial *)((char *)(uintptr_t)item - offsetof(struct book_trial, pending));
}

/* A trial that somebody enqueued comes before all others. */
static bool pending_is_lower(const struct heap_item *a, const struct heap_item *b)
{
    const struct book_trial *x = trial_of_pending(a), *y = trial_of_pending(b);
    bool x_asked = x->cursor == STRATEGY_ENQUEUED, y_asked = y->cursor == STRATEGY_ENQUEUED;
    return x_asked != y_asked ? x_asked : x->number < y->number;
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

void books_sweep_free(struct book_sweep *s)
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
    mem_free(s->snapshot);
    mem_free(s->folder);
    mem_free(s->text);
    mem_free(s->steered_by);
    mem_free(s->steered_what);
    mem_free(s);
}

struct book_trial *books_trial(const struct book_sweep *s, uint64_t number)
{
    return map_find(&s->open, &number, sizeof number);
}

static bool has_reported(const struct book_trial *t, const char *metric)
{
    return map_find(&t->last, metric, strlen(metric)) != NULL;
}

const char *books_sweep_missing(const struct book_sweep *s, const struct book_trial *t)
{
    if (s->spec->metric.name && !has_reported(t, s->spec->metric.name))
        return s->spec->metric.name;
    for (size_t i = 1; i < s->spec->metrics_n; i++)
        if (!has_reported(t, s->spec->metrics[i].name))
            return s->spec->metrics[i].name;
    return NULL;
}

uint64_t books_sweep_total(const struct book_sweep *s)
{
    return s->total > 0 && s->proposed > s->total ? s->proposed : s->total;
}

bool books_sweep_asked_by(enum trial_reason reason)
{
    return reason == REASON_OK || reason == REASON_TARGET || reason == REASON_BUDGET;
}

bool books_sweep_meets_target(const struct book_sweep *s)
{
    const struct objective_rule rule = spec_objective_rule(s->spec);
    const struct objective best = {.known = s->best.known, .value = s->best.value};
    bool meets = objective_meets_target(&rule, &best);
    void *trial;
    for (size_t at = 0; !meets && map_next(&s->open, &at, &trial);) {
        const struct book_trial *t = trial;
        meets = t->state == TRIAL_RUNNING && objective_meets_target(&rule, &t->objective);
    }
    return meets;
}

/* A repeat is to show how much of a result was luck: only whole trials can be compared. */
static bool trial_is_repeat(const struct book_trial *t)
{
    return t->cursor == STRATEGY_ENQUEUED && t->why && strstr(t->why, "\"repeats\":");
}

bool books_sweep_stops(const struct book_sweep *s, const struct book_trial *t,
                       struct stopper_why *ret)
{
    const char *metric = s->spec->metric.name;
    if (!s->stopper || !metric)
        return false;
    const struct book_metric *m = map_find(&t->last, metric, strlen(metric));
    if (m && stopper_lost(s->stopper, &t->objective, m->value, t->step, t->attempt.points, ret))
        return true;
    return !trial_is_repeat(t) &&
           stopper_judge(s->stopper, t->number, t->objective.iteration_best, ret);
}

void books_sweep_recall(struct book_sweep *s, struct book_trial *t, const double *rungs, size_t n)
{
    if (!s->stopper)
        return;
    stopper_recall(s->stopper, t->number, rungs, n);
    t->rungs_kept = stopper_rungs(s->stopper, t->number);
}

struct history_fate books_sweep_fate(const struct book_sweep *s, const struct book_trial *t)
{
    struct history_fate fate = {.state = (enum trial_state)t->state,
                                .objective = t->objective.known ? t->objective.value : NAN,
                                .iterations = t->objective.iterations,
                                .cost_s = (double)t->attempt.ran_ms / 1000};
    for (size_t i = 1; i < s->spec->metrics_n; i++) {
        const char *name = s->spec->metrics[i].name;
        const struct book_metric *last = map_find(&t->last, name, strlen(name));
        fate.others[i - 1] = last ? last->value : NAN;
    }
    return fate;
}

void books_sweep_order(struct book_sweep *s, struct book_trial *t)
{
    if (t->state == TRIAL_PENDING)
        heap_put(&s->pending, &t->pending);
    else
        heap_remove(&s->pending, &t->pending);
}

void books_sweep_count_gpus(struct book_sweep *s, const struct book_attempt *at, bool runs)
{
    int64_t milli = runs ? at->gpu_milli : -(int64_t)at->gpu_milli, from;
    s->gpu_milli += milli;
    /* A launch that no clock shows counts as one at 0: then the time is too long, but defined. */
    if (__builtin_mul_overflow(milli, at->launched_ms, &from) ||
        __builtin_add_overflow(s->gpu_from_us, from, &s->gpu_from_us))
        s->gpu_from_us = 0;
}

int64_t books_sweep_gpu_us(const struct book_sweep *s, int64_t now_ms)
{
    int64_t now;
    if (__builtin_mul_overflow(s->gpu_milli, now_ms, &now) ||
        __builtin_sub_overflow(now, s->gpu_from_us, &now) ||
        __builtin_add_overflow(now, s->gpu_us, &now))
        return INT64_MAX;
    return now;
}

struct book_trial *books_add_trial(struct book_sweep *s, struct book_trial *t)
{
    void *old = map_put(&s->open, &t->number, sizeof t->number, t);
    POST(!old);
    books_sweep_order(s, t);
    if (t->state == TRIAL_RUNNING)
        books_sweep_count_gpus(s, &t->attempt, true);
    return t;
}

struct book_trial *books_first_pending(const struct book_sweep *s)
{
    const struct heap_item *first = heap_first(&s->pending);
    return first ? trial_of_pending(first) : NULL;
}

/* A damaged sweep keeps the fault as text, so that the other sweeps can still run. */
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

void books_replace_spec(struct book_sweep *s, const struct value *content)
{
    struct arena scratch;
    const char *fault;
    arena_init(&scratch);
    struct spec *spec = spec_read_stored(content, &scratch, &fault);
    if (s->stopper)
        stopper_rebase(s->stopper, spec);
    spec_free(s->spec);
    s->spec = spec;
    mem_free(s->fault);
    s->fault = fault ? mem_strdup(fault) : NULL;
    arena_done(&scratch);
}

void books_read_spec(struct book_sweep *s, const struct value *content)
{
    struct arena scratch;
    const char *fault;
    arena_init(&scratch);
    s->spec = spec_read_stored(content, &scratch, &fault);
    s->fault = fault ? mem_strdup(fault) : NULL;
    s->stopper = fault ? NULL : stopper_new(s->spec);
    arena_done(&scratch);
}
