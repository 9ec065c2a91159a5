/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/analysis/evidence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/diag/nearest.h"
#include "base/mem.h"
#include "language/spec_read.h"

bool evidence_is_used(const struct evidence_trial *t)
{
    return t->state == TRIAL_FINISHED && isfinite(t->value);
}

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

static int gather_trial(void *arg, const struct value *trial)
{
    struct evidence *e = arg;
    const struct value *params = value_get(trial, "params");
    int state = machine_find(trial_states, TRIAL_STATES, value_get_str(trial, "state", ""));
    double last = value_get_float(value_get(trial, "metrics"), e->metric, NAN);
    bool own = e->spec->metric.name && strcmp(e->spec->metric.name, e->metric) == 0;
    struct evidence_trial t = {.number = (uint64_t)value_get_int(trial, "number", 0),
                               .value = own ? value_get_float(trial, "objective", NAN) : last,
                               .last = last,
                               .state = state < 0 ? TRIAL_PENDING : (enum trial_state)state,
                               .attempts = (uint32_t)value_get_int(trial, "attempts", 0)};
    e->trials = mem_grow(e->trials, &e->cap, e->n + 1, sizeof *e->trials);
    e->trials[e->n++] = t;
    e->in_state[t.state]++;
    factors_add(&e->factors, params);
    if (evidence_is_used(&t)) {
        e->losses = mem_grow(e->losses, &e->losses_cap, e->used.rows + 1, sizeof *e->losses);
        e->losses[e->used.rows] = e->maximize ? -t.value : t.value;
        factors_add(&e->used, params);
    }
    e->without_value += t.state == TRIAL_FINISHED && !isfinite(t.value);
    return 0;
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
    return view_trials(v, e->id, &all, gather_trial, e, err);
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

void evidence_left_out(const struct evidence *e, struct buf *out)
{
    static const struct {
        enum trial_state state;
        const char *words;
    } states[] = {
        {TRIAL_STOPPED, "stopped early"},
        {TRIAL_FAILED, "failed"},
        {TRIAL_LOST, "lost"},
        {TRIAL_PREEMPTED, "preempted"},
        {TRIAL_CANCELLED, "cancelled"},
        {TRIAL_RUNNING, "running"},
        {TRIAL_PENDING, "pending"},
    };
    const char *comma = "";
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        size_t n = e->in_state[states[i].state];
        if (n == 0)
            continue;
        buf_addf(out, "%s%zu %s", comma, n, states[i].words);
        comma = ", ";
    }
    if (e->without_value)
        buf_addf(out, "%s%zu without a finite value", comma, e->without_value);
}

const char *evidence_stopped(const struct evidence *e, size_t wanted, struct arena *a)
{
    size_t stopped = e->in_state[TRIAL_STOPPED], finished = e->in_state[TRIAL_FINISHED], ended = 0;
    for (int i = 0; i < TRIAL_STATES; i++)
        ended += trial_states[i].final ? e->in_state[i] : 0;
    if (stopped <= finished)
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
