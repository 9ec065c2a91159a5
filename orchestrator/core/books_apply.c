/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Applies facts to the books. */
#include "orchestrator/core/books.h"

#include <signal.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number/count.h"
#include "orchestrator/core/grant.h"
#include "strategies/strategy_type.h"

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
    return err_set(err, ERR_STATE, "%s-%llu: the fact \"%s\" is not possible here: %s", f->sweep,
                   (unsigned long long)f->trial, fact_kind_name(f->kind), why);
}

static void note_steered(struct book_sweep *s, const struct fact *f, const char *by,
                         const char *what)
{
    s->steered = f->seq;
    s->steered_ms = f->time_ms;
    text_replace(&s->steered_by, by);
    text_replace(&s->steered_what, what);
}

/* A record, which changes nothing else. Its subject is a sweep or a trial, or something else. */
static void apply_action(const struct books *b, const struct fact *f)
{
    char id[sizeof((struct book_sweep *)0)->id] = "";
    size_t len = f->subject ? strcspn(f->subject, "-") : 0;
    if (f->result != 0 || len == 0 || len >= sizeof id)
        return;
    memcpy(id, f->subject, len);
    struct book_sweep *s = books_sweep(b, id);
    if (s)
        note_steered(s, f, f->by, f->what);
}

static int apply_created(struct books *b, const struct fact *f, struct err *err)
{
    size_t len = strlen(f->sweep);
    if (len == 0 || len >= sizeof((struct book_sweep *)0)->id)
        return err_set(err, ERR_LIMIT, "a sweep's id has 1 to 15 characters, not %zu", len);
    /* MUTANT one-id: books_sweep(b, f->sweep) => false */
    if (books_sweep(b, f->sweep))
        return err_set(err, ERR_STATE, "the sweep %s exists already", f->sweep);
    struct book_sweep *s = books_sweep_new(f->sweep);
    books_read_spec(s, f->content);
    s->name = dup_or_null(f->name);
    s->path = mem_strdup(f->path);
    s->workdir = mem_strdup(f->workdir);
    s->snapshot = dup_or_null(value_get_str(f->project, "snapshot", NULL));
    s->folder = dup_or_null(value_get_str(f->project, "folder", NULL));
    s->seed = f->seed;
    s->total = f->total;
    s->until_ms = f->until_ms;
    s->state = SWEEP_RUNNING;
    s->created_ms = f->time_ms;
    note_steered(s, f, "besom", "create");
    books_add_sweep(b, s);
    return 0;
}

static int apply_sweep_state(struct book_sweep *s, const struct fact *f, struct err *err)
{
    if (!machine_may_move(sweep_states, s->state, f->state))
        return err_set(err, ERR_STATE, "sweep %s is %s and cannot become %s", s->id,
                       sweep_states[s->state].name, sweep_states[f->state].name);
    if (f->state == SWEEP_RUNNING && s->state != SWEEP_STOPPING)
        s->failure_streak = s->metric_streak = 0;
    /* A pause, or a stop that is taken back, changes nothing of this. */
    if (sweep_states[f->state].final)
        s->only_asked = false;
    if (sweep_states[s->state].final) {
        s->only_asked = f->state == SWEEP_RUNNING && books_sweep_asked_by(f->reason);
        s->asked_edited = false;
        s->asked_state = s->state;
        s->asked_reason = s->reason;
    }
    machine_move(sweep_states, &s->state, f->state);
    s->reason = f->reason;
    text_replace(&s->text, f->text);
    s->ended_ms = sweep_states[s->state].final ? f->time_ms : 0;
    note_steered(s, f, "besom", sweep_states[s->state].name);
    return 0;
}

static void apply_edited(struct book_sweep *s, const struct fact *f)
{
    books_replace_spec(s, f->content);
    text_replace(&s->name, f->name);
    text_replace(&s->path, f->path);
    text_replace(&s->workdir, f->workdir);
    s->total = f->total;
    s->until_ms = f->until_ms;
    s->asked_edited = s->only_asked;
    note_steered(s, f, "besom", "edit");
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
    s->enqueued += f->cursor == STRATEGY_ENQUEUED;
    s->only_asked &= f->cursor == STRATEGY_ENQUEUED;
    s->counts[TRIAL_PENDING]++;
    return 0;
}

static void set_state(struct books *b, struct book_sweep *s, struct book_trial *t,
                      const struct fact *f)
{
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, f->state);
    s->counts[t->state]++;
    books_sweep_order(s, t);
    if (!trial_states[t->state].final)
        return;
    t->reason = f->reason;
    t->ended_ms = f->kind == FACT_ENDED ? f->ended_ms : f->time_ms;
    if (t->state != TRIAL_LOST) /* a lost attempt of a lost trial may return */
        books_trial_drop_asides(t);
    books_loosen(b, s, t->number);
}

/* Reads what the attempt holds. False if the grant is malformed. */
static bool read_grant(const struct fact *f, struct book_attempt *at)
{
    struct arena scratch;
    struct grant g;
    arena_init(&scratch);
    bool good = grant_read(&scratch, f->slot, f->grant, &g);
    if (good) {
        at->grant = json_dup(f->grant);
        at->gpu_milli = grant_gpu_milli(&g);
    }
    arena_done(&scratch);
    return good;
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
    if (f->attempt != t->attempts + 1)
        return no_place(err, f, "it is not the next attempt");
    if (strlen(f->agent) >= sizeof next.agent)
        return no_place(err, f, "the agent's name is too long");
    if (!read_grant(f, &next))
        return no_place(err, f, "its grant is malformed");
    memcpy(next.agent, f->agent, strlen(f->agent) + 1);
    if (books_trial_next_attempt(t, &next))
        books_loosen(b, s, t->number);
    if (s->counts[TRIAL_RUNNING] == 0)
        s->busy_from_ms = s->busy_to_ms = f->time_ms;
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, TRIAL_RUNNING);
    s->counts[t->state]++;
    books_sweep_order(s, t);
    books_sweep_count_gpus(s, &t->attempt, true);
    return 0;
}

/* An agent may say anything of how long an attempt ran. */
static void fold_gpu_time(struct book_sweep *s, const struct book_attempt *at)
{
    int64_t used;
    books_sweep_count_gpus(s, at, false);
    if (at->ran_ms < 0 || __builtin_mul_overflow(at->ran_ms, (int64_t)at->gpu_milli, &used) ||
        __builtin_add_overflow(s->gpu_us, used, &s->gpu_us))
        s->gpu_us = at->ran_ms < 0 ? s->gpu_us : INT64_MAX;
}

/* The ends of attempts may be reported late and out of order. */
static void fold_time(struct book_sweep *s, const struct fact *f)
{
    if (f->ended_ms > s->busy_to_ms)
        s->busy_to_ms = f->ended_ms;
    if (s->counts[TRIAL_RUNNING] > 0)
        return;
    s->busy_ms += s->busy_to_ms - s->busy_from_ms;
    s->busy_from_ms = s->busy_to_ms = 0;
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
    mem_free(t->attempt.stop_why);
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
        return no_place(err, f, "it does not begin at the end of the last one");
    at->offset[f->stream] = f->to;
    if (f->stream == FACT_STREAM_SYSTEM) {
        at->samples += f->points.n;
        return 0;
    }
    at->next_step = f->next_step;
    at->points += f->points.n;
    at->bad_lines = count_add(at->bad_lines, f->points.bad);
    at->dropped_values = count_add(at->dropped_values, f->points.dropped);
    at->long_lines = count_add(at->long_lines, f->points.too_long);
    const char *metric = s->spec->metric.name;
    const struct objective_rule rule = spec_objective_rule(s->spec);
    for (size_t i = 0; i < f->points.n; i++) {
        const struct point *p = &f->points.items[i], *next = p + 1;
        double value;
        if (metric && point_find(p, metric, &value) &&
            objective_fold(&rule, &t->objective, value, p->step) && s->stopper)
            stopper_report(s->stopper, t->number, t->objective.iterations, value,
                           t->objective.iteration_best);
        /* If the next point has the same keys, this one does not change the last values. */
        if (i + 1 < f->points.n && next->keys == p->keys && next->n == p->n)
            continue;
        for (size_t k = 0; k < p->n; k++)
            books_trial_set_metric(t, p->keys[k], p->values[k]);
    }
    if (f->points.n)
        t->step = f->points.items[f->points.n - 1].step;
    if (f->points.n)
        books_loosen(b, s, t->number);
    return 0;
}

/* In a paused sweep, trials that still run do not reset the streaks: the streaks say why the sweep
 * is paused. */
static void fold_streak(struct book_sweep *s, const struct book_attempt *at)
{
    bool own = at->reason == REASON_EXIT || at->reason == REASON_LAUNCH ||
               (at->reason == REASON_SIGNAL && at->signal != SIGKILL && at->signal != SIGTERM &&
                at->signal != SIGINT);
    bool paused = s->state == SWEEP_PAUSED;
    if (trial_reason_is_well(at->reason) || at->ran_ms >= BOOKS_QUICK_FAILURE_MS) {
        s->failure_streak = paused ? s->failure_streak : 0;
    } else if (own) {
        bool apart = !paused && at->ended_ms - s->failure_ms > BOOKS_STREAK_GAP_MS;
        s->failure_streak = apart ? 1 : s->failure_streak + 1;
        s->failure_ms = at->ended_ms;
    }
}

/* Only finished trials count: a stopped trial may have ended before it reported the metric. */
static void fold_metric_streak(struct book_sweep *s, const struct book_trial *t,
                               const struct fact *f)
{
    if (f->state != TRIAL_FINISHED)
        return;
    if (books_sweep_missing(s, t))
        s->metric_streak++;
    else if (s->state != SWEEP_PAUSED)
        s->metric_streak = 0;
}

static int apply_ended(struct books *b, struct book_sweep *s, struct book_trial *t,
                       const struct fact *f, struct err *err)
{
    if (!is_live(t, f))
        return no_place(err, f, "that attempt is not running");
    if (!machine_may_move(trial_states, t->state, f->state))
        return no_place(err, f, "a running trial cannot change to this state");
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
    if (trial_reason_state(f->reason) == TRIAL_LOST)
        books_trial_note_loss(t, at->agent);
    fold_gpu_time(s, at);
    fold_streak(s, at);
    fold_metric_streak(s, t, f);
    set_state(b, s, t, f);
    fold_time(s, f);
    if (t->state == TRIAL_FINISHED || t->state == TRIAL_STOPPED) {
        const struct objective_rule rule = spec_objective_rule(s->spec);
        objective_fold_best(&rule, &s->best, t->number, &t->objective);
    }
    return 0;
}

/* The attempt was given up with its agent, which has returned with it: as if it had not ended. */
static int apply_reinstated(struct books *b, struct book_sweep *s, struct book_trial *t,
                            const struct fact *f, struct err *err)
{
    const struct book_attempt *at = books_trial_lost(t, f->attempt);
    int64_t used;
    if (t->state != TRIAL_PENDING && t->state != TRIAL_LOST)
        return no_place(err, f, "the trial is not pending or lost");
    if (s->state == SWEEP_FINISHED)
        return no_place(err, f, "the sweep has ended");
    if (!at)
        return no_place(err, f, "that attempt was not lost with its agent");
    if (s->counts[TRIAL_RUNNING] == 0)
        s->busy_from_ms = s->busy_to_ms = f->time_ms;
    books_sweep_count_gpus(s, at, true);
    if (s->gpu_us < INT64_MAX && !__builtin_mul_overflow(at->ran_ms, (int64_t)at->gpu_milli, &used))
        s->gpu_us -= used;
    t->lost -= t->lost > 0;
    books_trial_unnote_loss(t, at->agent);
    books_trial_reinstate(t, f->attempt);
    books_loosen(b, s, t->number);
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, TRIAL_RUNNING);
    s->counts[t->state]++;
    books_sweep_order(s, t);
    return 0;
}

static int apply_trial_state(struct books *b, struct book_sweep *s, struct book_trial *t,
                             const struct fact *f, struct err *err)
{
    if (t->state != TRIAL_PENDING || !trial_states[f->state].final ||
        !machine_may_move(trial_states, t->state, f->state))
        return no_place(err, f, "the trial is not pending, or cannot change to this state");
    set_state(b, s, t, f);
    return 0;
}

static void recall_rungs(struct book_sweep *s, struct book_trial *t, const struct value *rungs)
{
    size_t n = rungs ? rungs->list.n : 0;
    double *values = mem_alloc(n * sizeof *values);
    for (size_t i = 0; i < n; i++)
        values[i] = rungs->list.items[i]->f;
    books_sweep_recall(s, t, values, n);
    mem_free(values);
}

/* The trial's last attempt, as far as the fact tells of it. */
static struct book_attempt last_attempt(const struct fact *f)
{
    struct book_attempt at = {.number = f->attempt,
                              .partial = true,
                              .state = ATTEMPT_ENDED,
                              .slot = f->slot,
                              .ran_ms = f->ran_ms};
    memcpy(at.agent, f->agent, strlen(f->agent) + 1);
    return at;
}

/* Rebuilds an ended trial, which the books had forgotten, from the fact. */
static struct book_trial *ended_trial(struct book_sweep *s, const struct fact *f)
{
    struct book_trial *t = books_trial_new(f->trial);
    t->state = f->state;
    t->cursor = f->cursor;
    t->params = json_dup(f->params);
    t->why = json_dup(f->why);
    t->created_ms = f->created_ms;
    t->started_ms = f->started_ms;
    t->objective.iterations = f->iterations;
    t->objective.iteration_step = f->iteration_step;
    t->objective.iteration_best = f->iteration_best;
    t->attempts = f->attempt;
    t->attempt = last_attempt(f);
    recall_rungs(s, t, f->rungs);
    return books_add_trial(s, t);
}

static int apply_retried(struct book_sweep *s, const struct fact *f, struct err *err)
{
    struct book_trial *t = books_trial(s, f->trial);
    if (sweep_states[s->state].final || s->state == SWEEP_STOPPING)
        return no_place(err, f, "the sweep has ended, or is stopping");
    if (!trial_states[f->state].final || !machine_may_move(trial_states, f->state, TRIAL_PENDING))
        return no_place(err, f, "a trial in this state is not run again");
    if (f->state == TRIAL_FINISHED &&
        (!s->spec->metric.name || (s->best.known && s->best.trial == f->trial)))
        return no_place(err, f, "the trial has a result");
    if (f->trial >= s->proposed || s->counts[f->state] == 0 || (t && t->state != f->state) ||
        (t && t->attempts != f->attempt))
        return no_place(err, f, "the trial did not end in this state");
    if (strlen(f->agent) >= sizeof t->attempt.agent)
        return no_place(err, f, "the agent's name is too long");
    const struct book_attempt last = last_attempt(f);
    if (!t)
        t = ended_trial(s, f);
    else if (t->attempt.number !=
             f->attempt) /* an earlier one had returned; the books may forget it */
        books_trial_move_on(t, &last);
    books_trial_retry(t);
    s->counts[t->state]--;
    machine_move(trial_states, &t->state, TRIAL_PENDING);
    s->counts[t->state]++;
    books_sweep_order(s, t);
    return 0;
}

/* The facts of a removed sweep are gone: the books must not hold it. */
static int apply_removed(const struct books *b, const struct fact *f, struct err *err)
{
    return books_sweep(b, f->sweep)
               ? err_set(err, ERR_STATE, "sweep %s was removed, but other facts of it are there",
                         f->sweep)
               : 0;
}

/* The books hold no tags: nothing is decided by them. */
static int apply_tagged(const struct book_sweep *s, const struct fact *f, struct err *err)
{
    for (size_t i = 0; f->trials && i < f->trials->list.n; i++)
        if ((uint64_t)f->trials->list.items[i]->i >= s->proposed)
            return err_set(err, ERR_STATE, "sweep %s has no trial %lld", s->id,
                           (long long)f->trials->list.items[i]->i);
    return 0;
}

static char *agent_blamed(const struct fact *f, const char *key)
{
    return (char *)(uintptr_t)value_get_str(f->why, key, NULL);
}

static int apply_agent_state(struct books *b, const struct fact *f, struct err *err)
{
    const struct book_agent agent = {.duty = (enum duty)f->state,
                                     .by = (char *)(uintptr_t)f->by,
                                     .text = (char *)(uintptr_t)f->text,
                                     .instance = f->instance,
                                     .since_ms = f->time_ms,
                                     .blamed_sweep = agent_blamed(f, "sweep"),
                                     .blamed_error = agent_blamed(f, "error")};
    if (!f->agent[0] || strlen(f->agent) >= sizeof agent.name)
        return err_set(err, ERR_LIMIT, "an agent's name has 1 to 63 bytes");
    if (f->state < 0 || f->state >= DUTIES)
        return err_set(err, ERR_STATE, "agent %s: there is no state %d", f->agent, f->state);
    books_set_agent(b, f->agent, &agent);
    return 0;
}

typedef int (*trial_fn)(struct books *b, struct book_sweep *s, struct book_trial *t,
                        const struct fact *f, struct err *err);

static int apply_fact(struct books *b, const struct fact *f, struct err *err)
{
    static const trial_fn trial_fns[FACT_KIND_COUNT] = {
        [FACT_LAUNCHED] = apply_launched,       [FACT_STOPPING] = apply_stopping,
        [FACT_METRICS] = apply_metrics,         [FACT_ENDED] = apply_ended,
        [FACT_TRIAL_STATE] = apply_trial_state, [FACT_REINSTATED] = apply_reinstated,
    };
    if (f->kind == FACT_ACTION) {
        apply_action(b, f);
        books_note_lost(b, f);
        return 0;
    }
    if (f->kind == FACT_AGENT_STATE)
        return apply_agent_state(b, f, err);
    if (!fact_kind_has_sweep(f->kind))
        return trust_apply(&b->trust, f, err);
    if (f->kind == FACT_SWEEP_CREATED)
        return apply_created(b, f, err);
    if (f->kind == FACT_SWEEP_REMOVED)
        return apply_removed(b, f, err);
    struct book_sweep *s = books_sweep(b, f->sweep);
    if (!s)
        return err_set(err, ERR_NOT_FOUND, "there is no sweep %s", f->sweep);
    if (f->kind == FACT_SWEEP_STATE)
        return apply_sweep_state(s, f, err);
    if (f->kind == FACT_SWEEP_EDITED) {
        apply_edited(s, f);
        return 0;
    }
    if (f->kind == FACT_TAGGED)
        return apply_tagged(s, f, err);
    if (f->kind == FACT_PROPOSED)
        return apply_proposed(s, f, err);
    if (f->kind == FACT_RETRIED)
        return apply_retried(s, f, err);
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
