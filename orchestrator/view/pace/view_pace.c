/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/view/pace/view_pace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "language/spec_read.h"
#include "orchestrator/core/reasons/alerts.h"
#include "orchestrator/store/store_schema.h"
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/pace/outlook.h"
#include "orchestrator/view/pace/view_lost.h"
#include "orchestrator/view/view.h"
#include "orchestrator/view/view_end.h"
#include "orchestrator/view/view_row.h"
#include "orchestrator/view/view_trial.h"

enum { HOUR_MS = 3600000 };

struct ending {
    int64_t ended_ms;
    double objective; /* NaN: none */
    bool failed;
};

struct stretch { /* in which a trial ran */
    int64_t from_ms, to_ms;
};

struct numbers {
    double *items;
    size_t n, cap;
};

struct pace {
    struct view *view;
    struct arena *a;
    int64_t now_ms;
    const struct value *sweep;
    struct numbers durations, ages; /* seconds */
    struct ending *ends;            /* of trials, in the order of their ends once sorted */
    size_t ends_n, ends_cap;
    double ran_s;           /* of all trials that ended */
    int64_t last_ms;        /* when a trial ended or started */
    struct stretch *recent; /* of the last hour */
    size_t recent_n, recent_cap;
    uint64_t failed_hour, ended_hour;
    uint64_t *failed; /* row ids, ascending */
    size_t failed_n, failed_cap;
    int64_t gpu_us, busy_ms; /* of the sweep: GPU time of ended attempts; with trials that run */
};

static void numbers_add(struct numbers *s, double x)
{
    s->items = mem_grow(s->items, &s->cap, s->n + 1, sizeof *s->items);
    s->items[s->n++] = x;
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_end(const void *a, const void *b)
{
    const struct ending *x = a, *y = b;
    return (x->ended_ms > y->ended_ms) - (x->ended_ms < y->ended_ms);
}

static int by_begin(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static void stretch_add(struct pace *p, int64_t from_ms, int64_t to_ms)
{
    int64_t hour = p->now_ms - HOUR_MS;
    if (to_ms <= hour)
        return;
    p->recent = mem_grow(p->recent, &p->recent_cap, p->recent_n + 1, sizeof *p->recent);
    p->recent[p->recent_n++] = (struct stretch){from_ms > hour ? from_ms : hour, to_ms};
}

/* How long at least one trial ran in the last hour. */
static int64_t recent_ms(const struct pace *p)
{
    int64_t sum = 0, until = 0;
    if (p->recent_n > 0)
        qsort(p->recent, p->recent_n, sizeof *p->recent, by_begin);
    for (size_t i = 0; i < p->recent_n; i++) {
        const struct stretch *s = &p->recent[i];
        int64_t from = s->from_ms > until ? s->from_ms : until;
        sum += s->to_ms > from ? s->to_ms - from : 0;
        until = s->to_ms > until ? s->to_ms : until;
    }
    return sum;
}

static int64_t row_ms(sqlite3_stmt *st, int at)
{
    return store_sql_is_null(st, at) ? 0 : sqlite3_column_int64(st, at);
}

static void ended_add(struct pace *p, sqlite3_stmt *st, int state, int64_t ended)
{
    bool failed = state == TRIAL_FAILED;
    bool ran_out = state == TRIAL_FINISHED || state == TRIAL_STOPPED || failed;
    if (ran_out && !store_sql_is_null(st, 4)) {
        double s = (double)sqlite3_column_int64(st, 4) / 1000;
        numbers_add(&p->durations, s);
        p->ran_s += s;
    }
    if (!ran_out)
        return;
    p->ends = mem_grow(p->ends, &p->ends_cap, p->ends_n + 1, sizeof *p->ends);
    p->ends[p->ends_n++] = (struct ending){
        ended, store_sql_is_null(st, 5) || failed ? NAN : store_sql_get_number(st, 5), failed};
    p->ended_hour += p->now_ms - ended < HOUR_MS;
    p->failed_hour += failed && p->now_ms - ended < HOUR_MS;
    if (failed) {
        p->failed = mem_grow(p->failed, &p->failed_cap, p->failed_n + 1, sizeof *p->failed);
        p->failed[p->failed_n++] = store_sql_get_u64(st, 0);
    }
}

static void trial_add(struct pace *p, sqlite3_stmt *st)
{
    int state = machine_find(trial_states, TRIAL_STATES, store_sql_get_text(st, 1));
    int64_t started = row_ms(st, 2), ended = row_ms(st, 3);
    p->last_ms = started > p->last_ms ? started : p->last_ms;
    p->last_ms = ended > p->last_ms ? ended : p->last_ms;
    if (state == TRIAL_RUNNING && started > 0) {
        numbers_add(&p->ages, fmax(0, (double)(p->now_ms - started) / 1000));
        stretch_add(p, started, p->now_ms);
    } else if (ended > 0) {
        ended_add(p, st, state, ended);
        stretch_add(p, ended - row_ms(st, 4), ended);
    }
}

static int trials_read(struct pace *p, const char *id, struct err *err)
{
    sqlite3_stmt *st = NULL;
    int rc = store_sql_use(p->view->db, &st,
                           "SELECT t.id, t.state, t.started, t.ended, t.ran, t.objective, "
                           "s.gpu_time, s.busy, s.busy_from" VIEW_TRIALS_OF_SWEEP
                           " WHERE s.id = ?1 ORDER BY t.id",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, id);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0) {
        p->gpu_us = sqlite3_column_int64(st, 6);
        p->busy_ms = sqlite3_column_int64(st, 7) + (row_ms(st, 8) ? p->now_ms - row_ms(st, 8) : 0);
        trial_add(p, st);
    }
    sqlite3_finalize(st);
    if (p->durations.n > 0)
        qsort(p->durations.items, p->durations.n, sizeof *p->durations.items, by_number);
    if (p->ends_n > 0)
        qsort(p->ends, p->ends_n, sizeof *p->ends, by_end);
    return rc < 0 ? rc : 0;
}

/* How many trials have not started; 0 with *ret_known false where no end is set. */
static uint64_t trials_left(const struct pace *p, bool *ret_known)
{
    const struct value *counts = value_get(p->sweep, "counts");
    int64_t total = value_get_int(p->sweep, "total", 0);
    int64_t begun = value_get_int(p->sweep, "proposed", 0) - value_get_int(counts, "pending", 0);
    *ret_known = total > 0;
    return total > begun ? (uint64_t)(total - begun) : 0;
}

static struct value *range_value(struct arena *a, double half, double most)
{
    struct value *list = value_list(a);
    value_push(a, list, value_float(a, half));
    value_push(a, list, value_float(a, most));
    return list;
}

/* "left" and "gpu_hours_left", or why nothing is known. */
static void left_put(struct pace *p, struct value *v)
{
    bool known;
    struct arena *a = p->a;
    struct outlook f;
    uint64_t rest = trials_left(p, &known);
    const struct outlook_input in = {p->durations.items, p->durations.n, p->ages.items,
                                     p->ages.n,          rest,           p->ages.n};
    bool running = strcmp(value_get_str(p->sweep, "state", ""), "running") == 0;
    const char *why = !running                 ? "the sweep does not run"
                      : !known                 ? "no end is set"
                      : p->ages.n == 0         ? "no trial is running"
                      : !outlook_make(&in, &f) ? "unknown until 3 trials have ended"
                                               : NULL;
    value_put(a, v, "left", why ? value_null(a) : range_value(a, f.half, f.most));
    value_put(a, v, "left_why", why ? value_str(a, why) : value_null(a));
    value_put(a, v, "left_trials", known ? value_int(a, (int64_t)rest) : value_null(a));
    value_put(a, v, "durations", value_int(a, (int64_t)p->durations.n));
    value_put(a, v, "usual",
              p->durations.n ? range_value(a, p->durations.items[p->durations.n / 2],
                                           p->durations.items[p->durations.n * 9 / 10])
                             : value_null(a));
    double gpus = p->ran_s > 0 ? (double)p->gpu_us / 1e6 / p->ran_s : 0;
    double slots = gpus > 0 ? gpus / 3600 : 1.0 / 3600;
    value_put(a, v, "hours_left",
              why ? value_null(a) : range_value(a, f.work_half * slots, f.work_most * slots));
}

static struct value *chance_value(struct arena *a, const struct chance *c)
{
    const char *record = chance_record(a, c), *brief = chance_brief(a, c);
    struct value *v = value_dict(a);
    value_put(a, v, "next", value_int(a, (int64_t)c->next));
    value_put(a, v, "percent", value_int(a, c->percent));
    value_put(a, v, "of", value_int(a, (int64_t)c->results));
    value_put(a, v, "forecasts", c->alike ? value_null(a) : value_int(a, c->forecasts));
    value_put(a, v, "held", c->alike ? value_null(a) : value_int(a, c->held));
    value_put(a, v, "text", value_str(a, chance_text(a, c)));
    value_put(a, v, "record", record ? value_str(a, record) : value_null(a));
    value_put(a, v, "brief", brief ? value_str(a, brief) : value_null(a));
    value_put(a, v, "basis", value_str(a, chance_basis(a, c)));
    return v;
}

/* "chance": that one of the next trials is a new best, while the sweep has not ended. */
static void chance_put(struct pace *p, struct value *v, const struct spec *spec)
{
    const struct value *counts = value_get(p->sweep, "counts"), *end = value_get(p->sweep, "ended");
    int64_t total = value_get_int(p->sweep, "total", 0), ended = 0;
    struct chance_past past = {0};
    struct chance c;
    for (size_t i = 0; i < p->ends_n; i++)
        if (!p->ends[i].failed)
            chance_past_add(&past, spec->metric.maximize, p->ends[i].objective);
    for (int i = 0; i < TRIAL_STATES; i++)
        ended += trial_states[i].final ? value_get_int(counts, trial_states[i].name, 0) : 0;
    bool open = (!end || end->kind == VALUE_NULL) && spec->metric.name && spec->metrics_n == 0;
    bool found =
        open && chance_find(&past, spec_draws_alike(spec), (uint64_t)total, (uint64_t)ended, &c);
    value_put(p->a, v, "chance", found ? chance_value(p->a, &c) : value_null(p->a));
    chance_past_done(&past);
}

/* GPU-hours, or without GPUs those of slots, running trials included. */
static double hours_put(struct pace *p, struct value *v)
{
    double ages = 0, gpus = p->ran_s > 0 ? (double)p->gpu_us / 1e6 / p->ran_s : 0;
    for (size_t i = 0; i < p->ages.n; i++)
        ages += p->ages.items[i];
    double hours =
        gpus > 0 ? ((double)p->gpu_us / 1e6 + ages * gpus) / 3600 : (p->ran_s + ages) / 3600;
    value_put(p->a, v, "hours", value_float(p->a, hours));
    value_put(p->a, v, "hours_of", value_str(p->a, gpus > 0 ? "GPU" : "slot"));
    return hours;
}

/* Trials that end in an hour in which trials run, by the last hour. */
static void rate_put(struct pace *p, struct value *v)
{
    double hours = (double)recent_ms(p) / HOUR_MS;
    bool known = p->ends_n > 0 && hours > 0;
    value_put(p->a, v, "rate",
              known ? value_float(p->a, (double)p->ended_hour / hours) : value_null(p->a));
    value_put(p->a, v, "failed_hour", value_int(p->a, (int64_t)p->failed_hour));
    value_put(p->a, v, "ended_hour", value_int(p->a, (int64_t)p->ended_hour));
    value_put(p->a, v, "last",
              p->last_ms ? value_float(p->a, (double)p->last_ms / 1000) : value_null(p->a));
}

/* The best so far, as trials ended. */
static void line_put(struct pace *p, struct value *v)
{
    struct value *line = value_list(p->a);
    const char *goal = value_get_str(value_get(p->sweep, "metric"), "goal", "minimize");
    double sign = strcmp(goal, "maximize") == 0 ? -1 : 1, best = INFINITY;
    size_t at = 0;
    for (size_t i = 0; p->ends_n > 0 && i < VIEW_PACE_LINE; i++) {
        for (size_t until = p->ends_n * i / (VIEW_PACE_LINE - 1); at <= until && at < p->ends_n;
             at++)
            if (isfinite(p->ends[at].objective))
                best = fmin(best, sign * p->ends[at].objective);
        value_push(p->a, line, isfinite(best) ? value_float(p->a, sign * best) : value_null(p->a));
    }
    value_put(p->a, v, "line", line);
}

struct cause_more {
    struct value *hosts; /* name -> how many */
    struct value *newest;
};

static void cause_note(struct arena *a, struct cause_more *more, const char *agent, uint64_t trial,
                       int64_t attempt)
{
    if (!more->hosts) {
        more->hosts = value_dict(a);
        more->newest = value_list(a);
    }
    value_put(a, more->hosts, agent, value_int(a, value_get_int(more->hosts, agent, 0) + 1));
    if (more->newest->list.n == VIEW_PACE_NEWEST)
        return;
    struct value *one = value_dict(a);
    value_put(a, one, "trial", value_int(a, (int64_t)trial));
    value_put(a, one, "attempt", value_int(a, attempt));
    value_put(a, one, "agent", value_str(a, agent));
    value_push(a, more->newest, one);
}

static void causes_put(struct arena *a, struct value *v, const struct causes *c,
                       const struct cause_more *more)
{
    struct value *list = value_list(a);
    for (size_t i = 0; i < c->n; i++) {
        struct value *one = value_dict(a);
        value_put(a, one, "cause", value_str(a, c->items[i].text));
        value_put(a, one, "says", value_str(a, c->items[i].says));
        value_put(a, one, "n", value_int(a, (int64_t)c->items[i].n));
        value_put(a, one, "trials", more[i].newest);
        value_put(a, one, "hosts", more[i].hosts);
        value_push(a, list, one);
    }
    value_put(a, v, "causes", list);
    value_put(a, v, "other_causes", value_int(a, (int64_t)c->others));
}

/* The newest failed trials by how they ended, and where. */
static int causes_read(struct pace *p, struct value *v, struct err *err)
{
    struct causes c;
    struct cause_more more[CAUSES_MAX] = {0};
    sqlite3_stmt *st = NULL;
    causes_init(&c, p->a);
    int rc = store_sql_use(p->view->db, &st,
                           "SELECT reason, code, signal, text, agent, number" VIEW_END_COUNTS, err);
    for (size_t i = 0; rc >= 0 && i < p->failed_n && i < VIEW_PACE_FAILED_MAX; i++) {
        uint64_t row = p->failed[p->failed_n - 1 - i];
        uint64_t trial = store_trial_number(row);
        store_sql_u64(st, 1, row);
        if ((rc = store_sql_step(st, err)) > 0) {
            struct cause_end end = view_end_read(st, 0);
            struct cause *cause = causes_add(&c, trial, &end);
            if (cause)
                cause_note(p->a, &more[cause - c.items], store_sql_get_text(st, 4), trial,
                           sqlite3_column_int64(st, 5));
        }
        sqlite3_reset(st);
    }
    sqlite3_finalize(st);
    causes_put(p->a, v, &c, more);
    return rc < 0 ? rc : 0;
}

static size_t budgets_read(const struct pace *p, const struct spec *spec, double hours,
                           struct alerts_budget *ret)
{
    double gpu_hours = spec->budget.gpu_hours, wall_s = spec->budget.wall_s;
    size_t n = 0;
    if (gpu_hours > 0)
        ret[n++] = (struct alerts_budget){
            arena_printf(p->a, "%.1f of %.4g GPU-hours", hours, gpu_hours), hours / gpu_hours};
    if (wall_s > 0)
        ret[n++] = (struct alerts_budget){
            arena_printf(p->a, "%.1f of %.4g hours", (double)p->busy_ms / HOUR_MS, wall_s / 3600),
            (double)p->busy_ms / 1000 / wall_s};
    return n;
}

static void alerts_put(struct pace *p, struct value *v, const struct spec *spec, double hours,
                       const struct value *lost)
{
    struct alerts_budget budgets[2];
    struct alerts_sweep s = {.ended = p->ends_n,
                             .failed = p->failed_n,
                             .running = p->ages.n,
                             .lost = lost,
                             .metric = spec->metric.name};
    bool open = !value_get(p->sweep, "ended") || value_get(p->sweep, "ended")->kind == VALUE_NULL;
    for (size_t i = p->ends_n; i > 0 && p->ends_n - i < ALERTS_RECENT; i--) {
        s.recent++;
        s.recent_failed += p->ends[i - 1].failed;
    }
    for (size_t i = p->ends_n; i > 0 && p->ends[i - 1].failed; i--)
        s.streak++;
    if (p->failed_n > 0)
        s.last_failed = store_trial_number(p->failed[p->failed_n - 1]);
    if (p->durations.n >= OUTLOOK_DURATIONS_MIN && p->last_ms > 0) {
        s.silent_s = (double)(p->now_ms - p->last_ms) / 1000;
        s.usual_s = p->durations.items[p->durations.n * 9 / 10];
    }
    if (open) {
        s.budgets = budgets;
        s.budgets_n = budgets_read(p, spec, hours, budgets);
    }
    value_put(p->a, v, "alerts", alerts_of_sweep(&s, p->a));
}

int view_pace(struct view *v, struct arena *a, const char *sweep, int64_t now_ms,
              struct value **ret, struct err *err)
{
    struct value *head;
    struct pace p = {.view = v, .a = a, .now_ms = now_ms};
    if (v->remote)
        return v->remote->get(v->remote, a, arena_printf(a, "sweeps/%s/pace", sweep), ret, err);
    int rc = view_sweep(v, a, sweep, &head, err);
    p.sweep = head;
    if (rc == 0)
        rc = trials_read(&p, sweep, err);
    if (rc == 0) {
        const char *fault;
        struct spec *spec = spec_read_stored(value_get(head, "spec"), a, &fault);
        *ret = value_dict(a);
        value_put(a, *ret, "now", value_float(a, (double)now_ms / 1000));
        rate_put(&p, *ret);
        left_put(&p, *ret);
        chance_put(&p, *ret, spec);
        double hours = hours_put(&p, *ret);
        line_put(&p, *ret);
        rc = causes_read(&p, *ret, err);
        struct value *lost = NULL;
        /* Those that the rule stops are about to end. */
        bool asks = p.ages.n > 0 && spec->metric.name &&
                    !(spec->early_terminate.on && spec->early_terminate.stop_nan);
        if (rc == 0 && asks)
            rc = view_lost(v, a, sweep, spec->metric.name, &lost, err);
        alerts_put(&p, *ret, spec, hours, lost);
        spec_free(spec);
    }
    mem_free(p.durations.items);
    mem_free(p.ages.items);
    mem_free(p.ends);
    mem_free(p.failed);
    mem_free(p.recent);
    return rc;
}

int view_pace_past(struct view *v, const char *sweep, bool maximize, struct chance_past *past,
                   uint64_t *ret_seq, struct err *err)
{
    int64_t seq = 0;
    sqlite3_stmt *st = NULL;
    int rc = view_row_begin(v, err);
    if (rc != 0)
        return rc;
    rc = store_schema_last_seq(v->db, &seq, err);
    if (rc == 0)
        rc = store_sql_use(v->db, &st,
                           "SELECT objective" VIEW_TRIALS_OF_SWEEP " WHERE s.id = ?1 AND t.state IN"
                           " ('finished', 'stopped') ORDER BY t.ended, t.id",
                           err);
    if (rc == 0)
        store_sql_text(st, 1, sweep);
    while (rc >= 0 && (rc = store_sql_step(st, err)) > 0)
        chance_past_add(past, maximize,
                        store_sql_is_null(st, 0) ? NAN : store_sql_get_number(st, 0));
    sqlite3_finalize(st);
    view_row_end(v);
    *ret_seq = (uint64_t)seq;
    return rc;
}
