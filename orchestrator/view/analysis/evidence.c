/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/evidence.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag/nearest.h"
#include "base/mem.h"
#include "language/spec_read.h"
#include "orchestrator/view/curves/view_rungs.h"

/* The metric of the sweep, or one of its metrics, with that name; NULL: any. */
static const struct spec_metric *metric_of_spec(const struct spec *s, const char *name)
{
    if (s->metric.name && (!name || strcmp(s->metric.name, name) == 0))
        return &s->metric;
    for (size_t i = 0; i < s->metrics_n; i++)
        if (!name || strcmp(s->metrics[i].name, name) == 0)
            return &s->metrics[i];
    return NULL;
}

static int metric_check(struct evidence *e, struct view *v, struct arena *a, struct err *err)
{
    struct value *known;
    int rc = view_columns(v, a, e->id, &known, err);
    if (rc)
        return rc;
    const struct value *names = value_get(known, "metrics");
    for (size_t i = 0; i < names->list.n; i++)
        if (strcmp(names->list.items[i]->s.ptr, e->metric) == 0)
            return 0;
    return names->list.n == 0
               ? 0
               : nearest_unknown(err, "--metric", e->metric, strlen(e->metric), names);
}

static int metric_choose(struct evidence *e, struct view *v, struct arena *a,
                         const struct evidence_query *q, struct err *err)
{
    const struct spec_metric *own = metric_of_spec(e->spec, q->metric);
    if (!own && !q->metric)
        return err_set(err, ERR_USAGE,
                       "sweep %s has no metric: name one with --metric, and its --goal", e->id);
    if (q->goal && strcmp(q->goal, "minimize") != 0 && strcmp(q->goal, "maximize") != 0)
        return err_set(err, ERR_USAGE, "goal=%.40s: write minimize or maximize", q->goal);
    e->metric = q->metric ? q->metric : own->name;
    e->maximize = q->goal ? strcmp(q->goal, "maximize") == 0 : own && own->maximize;
    if (own)
        return 0;
    if (!q->goal && q->needs_goal)
        return err_set(err, ERR_USAGE,
                       "--metric %s is not the sweep's metric: add --goal minimize or --goal "
                       "maximize",
                       q->metric);
    return metric_check(e, v, a, err);
}

static bool metric_is_own(const struct evidence *e)
{
    return e->spec->metric.name && strcmp(e->spec->metric.name, e->metric) == 0;
}

static int gather_trial(void *arg, const struct value *trial)
{
    struct evidence *e = arg;
    const struct value *params = value_get(trial, "params");
    int state = machine_find(trial_states, TRIAL_STATES, value_get_str(trial, "state", ""));
    double last = value_get_float(value_get(trial, "metrics"), e->metric, NAN);
    bool own = metric_is_own(e);
    struct evidence_trial t = {.number = (uint64_t)value_get_int(trial, "number", 0),
                               .value = own ? value_get_float(trial, "objective", NAN) : last,
                               .last = last,
                               .compared = NAN,
                               .state = state < 0 ? TRIAL_PENDING : (enum trial_state)state,
                               .attempt = (uint32_t)value_get_int(trial, "attempt", 0)};
    e->trials = mem_grow(e->trials, &e->cap, e->n + 1, sizeof *e->trials);
    e->trials[e->n++] = t;
    e->in_state[t.state]++;
    factors_add(&e->factors, params);
    e->finished += t.state == TRIAL_FINISHED && isfinite(t.value);
    return 0;
}

static uint64_t rung_iteration(const struct value *rung)
{
    return (uint64_t)value_get_int(rung, "rung", 0);
}

static size_t rung_trials(const struct value *rung)
{
    return (size_t)value_get_int(rung, "trials", 0);
}

/* The highest rung that enough trials have reached, else the one that most have. */
static uint64_t rung_best(const struct value *rungs, size_t wanted, size_t *ret_trials)
{
    uint64_t found = 0;
    *ret_trials = 0;
    for (size_t i = 0; i < rungs->list.n; i++) {
        size_t trials = rung_trials(rungs->list.items[i]);
        if (trials == 0 || (trials < wanted && trials <= *ret_trials))
            continue;
        found = rung_iteration(rungs->list.items[i]);
        *ret_trials = trials;
    }
    return found;
}

static int rung_named(struct evidence *e, const char *at, const struct value *rungs,
                      struct err *err)
{
    char *end;
    struct buf known;
    uint64_t wish = *at >= '0' && *at <= '9' ? strtoull(at, &end, 10) : 0;
    for (size_t i = 0; wish > 0 && *end == '\0' && i < rungs->list.n; i++)
        if (rung_iteration(rungs->list.items[i]) == wish) {
            e->rung = wish;
            return 0;
        }
    if (rungs->list.n == 0)
        return err_set(err, ERR_USAGE, "at=%.20s: sweep %s has no early_terminate: write end", at,
                       e->id);
    buf_init(&known, SIZE_MAX);
    for (size_t i = 0; i < rungs->list.n; i++)
        buf_addf(&known, ", %" PRIu64, rung_iteration(rungs->list.items[i]));
    err_set(err, ERR_USAGE, "at=%.20s: write end, or the iteration of a rung: %.150s", at,
            buf_str(&known) + 2);
    buf_done(&known);
    return ERR_USAGE;
}

static int rung_choose(struct evidence *e, struct view *v, struct arena *a, const char *at,
                       struct err *err)
{
    struct value *rungs = NULL;
    size_t wanted = importance_wanted(e->factors.n), trials;
    bool own = metric_is_own(e);
    e->by_rule = !at && own && e->spec->early_terminate.on;
    if (at ? strcmp(at, "end") == 0 : !own || e->finished >= wanted)
        return 0;
    if (!own)
        return err_set(err, ERR_USAGE, "at=%.20s: only the sweep's metric has values at rungs", at);
    int rc = view_rungs(v, a, e->id, e->spec, &rungs, err);
    if (rc == 0 && (!rungs || rungs->kind != VALUE_LIST))
        rc = err_set(err, ERR_PROTOCOL, "the controller sent no list of rungs");
    if (rc < 0 || at)
        return rc < 0 ? rc : rung_named(e, at, rungs, err);
    uint64_t found = rung_best(rungs, wanted, &trials);
    e->fell_back = trials > e->finished;
    e->rung = e->fell_back ? found : 0;
    return 0;
}

struct rung_walk {
    struct evidence *e;
    size_t at;
};

/* Both are in the order of numbers. */
static void rung_take(void *arg, uint64_t trial, double value)
{
    struct rung_walk *w = arg;
    while (w->at < w->e->n && w->e->trials[w->at].number < trial)
        w->at++;
    if (w->at < w->e->n && w->e->trials[w->at].number == trial && isfinite(value))
        w->e->trials[w->at].compared = value;
}

static void trials_use(struct evidence *e)
{
    e->losses = mem_alloc((e->n + 1) * sizeof *e->losses);
    for (size_t i = 0; i < e->n; i++) {
        const struct evidence_trial *t = &e->trials[i];
        if (isnan(t->compared))
            continue;
        e->losses[e->used.rows] = e->maximize ? -t->compared : t->compared;
        factors_add_row(&e->used, &e->factors, i);
        e->used_in[t->state]++;
    }
}

static int trials_compare(struct evidence *e, struct view *v, struct arena *a, const char *at,
                          struct err *err)
{
    struct rung_walk walk = {.e = e};
    int rc = rung_choose(e, v, a, at, err);
    if (rc == 0 && e->rung > 0)
        rc = view_rung_values(v, e->id, e->rung, rung_take, &walk, err);
    for (size_t i = 0; e->rung == 0 && i < e->n; i++)
        if (e->trials[i].state == TRIAL_FINISHED && isfinite(e->trials[i].value))
            e->trials[i].compared = e->trials[i].value;
    if (rc == 0)
        trials_use(e);
    return rc;
}

int evidence_read(struct evidence *e, struct view *v, struct arena *a, const char *id,
                  const struct evidence_query *q, struct err *err)
{
    static const struct view_query all = {0};
    const char *fault;
    struct value *sweep;
    *e = (struct evidence){0};
    snprintf(e->id, sizeof e->id, "%s", id);
    int rc = view_sweep(v, a, id, &sweep, err);
    if (rc)
        return rc;
    e->sweep = sweep;
    e->spec = spec_read_stored(value_get(sweep, "spec"), a, &fault);
    if (fault)
        return err_set(err, ERR_SPEC, "the spec of sweep %s cannot be read: %s", e->id, fault);
    rc = metric_choose(e, v, a, q, err);
    if (rc)
        return rc;
    factors_init(&e->factors, &e->spec->space);
    factors_init(&e->used, &e->spec->space);
    rc = view_trials(v, e->id, &all, gather_trial, e, err);
    return rc < 0 ? rc : trials_compare(e, v, a, q->at, err);
}

void evidence_done(struct evidence *e)
{
    factors_done(&e->factors);
    factors_done(&e->used);
    mem_free(e->trials);
    mem_free(e->losses);
    if (e->spec)
        spec_free(e->spec);
    *e = (struct evidence){0};
}

static const struct {
    enum trial_state state;
    const char *words;
} states[] = {
    {TRIAL_FINISHED, "finished"}, {TRIAL_STOPPED, "stopped early"}, {TRIAL_FAILED, "failed"},
    {TRIAL_LOST, "lost"},         {TRIAL_PREEMPTED, "preempted"},   {TRIAL_CANCELLED, "cancelled"},
    {TRIAL_RUNNING, "running"},   {TRIAL_PENDING, "pending"},
};

enum { STATES = sizeof states / sizeof *states };

static void count_add(struct buf *out, const char **comma, size_t n, const char *words)
{
    if (n == 0)
        return;
    buf_addf(out, "%s%zu %s", *comma, n, words);
    *comma = ", ";
}

void evidence_left_out(const struct evidence *e, struct buf *out)
{
    const char *comma = "";
    size_t without_value = e->in_state[TRIAL_FINISHED] - e->used_in[TRIAL_FINISHED];
    for (size_t i = e->rung > 0 ? 0 : 1; i < STATES; i++)
        count_add(out, &comma, e->in_state[states[i].state] - e->used_in[states[i].state],
                  states[i].words);
    if (e->rung == 0)
        count_add(out, &comma, without_value, "without a finite value");
}

void evidence_used(const struct evidence *e, struct buf *out)
{
    const char *comma = "";
    for (size_t i = 0; i < STATES; i++)
        count_add(out, &comma, e->used_in[states[i].state], states[i].words);
}

const char *evidence_basis(const struct evidence *e, struct arena *a)
{
    return e->rung > 0 ? arena_printf(a, "trials at iteration %" PRIu64, e->rung)
                       : "finished trials";
}

const char *evidence_basis_line(const struct evidence *e, struct arena *a)
{
    size_t wanted = importance_wanted(e->factors.n);
    const char *trials = e->used.rows == 1 ? "trial" : "trials";
    const char *line = e->rung > 0 ? arena_printf(a, "of %zu %s at iteration %" PRIu64,
                                                  e->used.rows, trials, e->rung)
                                   : arena_printf(a, "of %zu finished %s", e->used.rows, trials);
    return e->by_rule && (e->rung > 0 || e->finished >= wanted)
               ? arena_printf(a, "%s (at a rung until %zu have finished)", line, wanted)
               : line;
}

struct value *evidence_at(const struct evidence *e, struct arena *a)
{
    return e->rung > 0 ? value_int(a, (int64_t)e->rung) : value_null(a);
}

const char *evidence_stopped(const struct evidence *e, size_t wanted, struct arena *a)
{
    size_t stopped = e->in_state[TRIAL_STOPPED], finished = e->in_state[TRIAL_FINISHED], ended = 0;
    for (int i = 0; i < TRIAL_STATES; i++)
        ended += trial_states[i].final ? e->in_state[i] : 0;
    if (e->rung > 0 || stopped <= finished)
        return "";
    const char *count = arena_printf(
        a, " Of %zu trials that ended, %zu finished; %zu were stopped early, and are not compared.",
        ended, finished, stopped);
    if (e->used.rows == 0)
        return arena_printf(a, "%s More trials, or a sweep without early_terminate, help.", count);
    double all = ceil((double)wanted * (double)ended / (double)e->used.rows);
    return arena_printf(
        a,
        "%s If that continues, it takes about %.3g trials in all: a larger run_cap, or a sweep "
        "without early_terminate, helps.",
        count, all);
}

const char *evidence_name(const struct evidence *e)
{
    const char *name = value_get_str(e->sweep, "name", NULL);
    return name && *name ? name : e->id;
}

const char *evidence_goal(const struct evidence *e, bool utf8)
{
    if (!utf8)
        return e->maximize ? "(maximize)" : "(minimize)";
    return e->maximize ? "↑" : "↓";
}
