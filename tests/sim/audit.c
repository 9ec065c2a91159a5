/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/audit.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "orchestrator/core/controller/controller_end.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/host.h"
#include "tests/sim/process.h"
#include "tests/sim/store.h"

void audit_init(struct sim *s)
{
    struct audit *a = s->audit = arena_alloc(&s->arena, sizeof *a);
    for (int i = 0; i < s->options.sweeps; i++) {
        a->sweeps[i].sweep = &s->sweeps[i];
        audit_sweep_init(s, &a->sweeps[i]);
    }
}

static void sweep_audit_done(struct sweep_audit *a)
{
    replay_done(&a->replay);
    strategy_free(a->reference);
}

void audit_done(struct sim *s)
{
    for (int i = 0; i < s->options.sweeps; i++)
        sweep_audit_done(&s->audit->sweeps[i]);
    mem_free(s->audit->told);
}

struct sweep_audit *audit_sweep(struct sim *s, const char *id)
{
    const struct sweep *w = sweeps_find(s, id);
    if (!w)
        sim_fail(s, "there is no sweep %s", id);
    return w ? &s->audit->sweeps[w->index] : NULL;
}

struct trial_audit *audit_trial(struct sim *s, const char *id, uint64_t trial)
{
    struct sweep_audit *a = audit_sweep(s, id);
    if (a && trial >= SWEEP_TRIALS_MAX)
        sim_fail(s, "there is no trial %s-%llu", id, (unsigned long long)trial);
    return a && trial < SWEEP_TRIALS_MAX ? &a->trials[trial] : NULL;
}

bool audit_was_lost(const struct sim *s, const char *sweep, uint64_t trial, uint64_t attempt)
{
    const struct sweep *w = sweeps_find(s, sweep);
    return w && trial < SWEEP_TRIALS_MAX &&
           s->audit->sweeps[w->index].trials[trial].lost_bits >> attempt % 64 & 1;
}

bool audit_was_forgotten(const struct trial_audit *t, uint64_t attempt)
{
    return t->forgotten >> attempt % 64 & 1;
}

bool audit_only_besom_dies(const struct sim *s, const struct sweep *w)
{
    static const enum sim_fault others[] = {
        SIM_KILL_SHIM, SIM_STOP_SHIM, SIM_KILL_TRAINING, SIM_REBOOT,   SIM_LEAVE,
        SIM_LONG,      SIM_HOST_DISK, SIM_SHUTDOWN,      SIM_FAILURES, SIM_UNKILLABLE,
        SIM_HANGS,     SIM_PREEMPT,   SIM_SUSPEND_AGENT, SIM_CUTS,     SIM_OLD_DISK};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (sim_has(s, others[i]))
            return false;
    return w->time_s == 0;
}

static struct dir *dir_of_attempt(const struct sim *s, const char *agent, const struct fact *f)
{
    struct agent_key key = {.trial = f->trial, .attempt = f->attempt};
    memcpy(key.sweep, f->sweep, strlen(f->sweep));
    for (int i = 0; i < s->options.agents; i++)
        if (strcmp(s->hosts[i].name, agent) == 0)
            return host_dir(&s->hosts[i], &key);
    return NULL;
}

static const struct book_attempt *attempt_of(const struct sim *s, const struct fact *f)
{
    const struct book_sweep *sweep = books_sweep(&s->store->durable, f->sweep);
    const struct book_trial *t = books_trial(sweep, f->trial);
    return t && t->attempt.number == f->attempt ? &t->attempt : NULL;
}

static struct aside_audit *aside_find(struct trial_audit *t, uint32_t attempt)
{
    for (int i = 0; i < AUDIT_ASIDES_MAX; i++)
        if (t->asides[i].attempt == attempt)
            return &t->asides[i];
    return NULL;
}

/* The current attempt makes room for another. Of too many, the oldest may go: by then it is on an
 * agent that was there meanwhile. */
static void aside_put(struct trial_audit *t)
{
    struct aside_audit *aside = aside_find(t, 0), *oldest = &t->asides[0];
    for (int i = 1; i < AUDIT_ASIDES_MAX; i++)
        if (t->asides[i].attempt < oldest->attempt)
            oldest = &t->asides[i];
    aside = aside ? aside : oldest;
    aside->attempt = t->attempt;
    memcpy(aside->points, t->points, sizeof t->points);
    memcpy(aside->stored, t->stored, sizeof t->stored);
    aside->life = t->life;
}

static uint32_t hosts_lost(const struct trial_audit *t)
{
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof t->lost_on / sizeof *t->lost_on; i++)
        n += (uint32_t)__builtin_popcountll(t->lost_on[i]);
    return n;
}

static void note_lost_on(struct sim *s, struct trial_audit *t, const char *agent, bool lost)
{
    for (int i = 0; i < s->options.agents; i++) {
        if (strcmp(s->hosts[i].name, agent) != 0)
            continue;
        uint64_t bit = 1ull << i % 64;
        t->lost_on[i / 64] = lost ? t->lost_on[i / 64] | bit : t->lost_on[i / 64] & ~bit;
    }
}

static void fact_launched(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    if (f->attempt != t->newest + 1)
        sim_fail(s, "attempt %u follows attempt %u", f->attempt, t->newest);
    if (t->stopped)
        sim_fail(s, "trial %s-%llu is stopped, and runs again", f->sweep,
                 (unsigned long long)f->trial);
    if (t->attempt > 0 && t->was_lost)
        aside_put(t);
    t->was_lost = false;
    t->newest = f->attempt;
    if (f->attempt > 1 && !t->retried && !audit_was_forgotten(t, t->attempt) &&
        audit_only_besom_dies(s, sweeps_find(s, f->sweep)))
        sim_fail(s, "trial %s-%llu is run again, though only besom died", f->sweep,
                 (unsigned long long)f->trial);
    t->attempt = f->attempt;
    memset(t->points, 0, sizeof t->points);
    memset(t->stored, 0, sizeof t->stored);
    t->ended = false;
    t->life = 0;
    audit_fleet_launched(s, f);
}

/* Each line that training wrote carries its number in its stream. */
static void fact_metrics(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    const struct book_attempt *attempt = attempt_of(s, f);
    const struct dir *d = dir_of_attempt(s, attempt->agent, f);
    t->stored[f->stream] = f->to;
    for (size_t i = 0; i < f->points.n; i++) {
        double k = -1, loss = -1, life = -1;
        if (!point_find(&f->points.items[i], "life", &life) || (t->life != 0 && t->life != life))
            sim_fail(s, "points of two runs stand in one attempt, %s-%llu.%u", f->sweep,
                     (unsigned long long)f->trial, f->attempt);
        t->life = life;
        if (!point_find(&f->points.items[i], "k", &k) || k != (double)t->points[f->stream])
            sim_fail(s, "point %g of %s-%llu.%u stands where %llu belongs", k, f->sweep,
                     (unsigned long long)f->trial, f->attempt,
                     (unsigned long long)t->points[f->stream]);
        if (!point_find(&f->points.items[i], "loss", &loss))
            sim_fail(s, "a point of %s-%llu.%u has no loss", f->sweep, (unsigned long long)f->trial,
                     f->attempt);
        t->points[f->stream]++;
    }
    if (f->points.bad && !(d && d->damaged))
        sim_fail(s, "a line of %s-%llu.%u was cut", f->sweep, (unsigned long long)f->trial,
                 f->attempt);
    if (!d || (!d->damaged && t->points[f->stream] > d->lines[f->stream]))
        sim_fail(s, "more points of %s-%llu.%u than it wrote", f->sweep,
                 (unsigned long long)f->trial, f->attempt);
}

static void fact_all_is_in(struct sim *s, const struct fact *f, const struct dir *d)
{
    const struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    for (int i = 0; i < FACT_STREAMS; i++)
        if (t->points[i] != d->lines[i])
            sim_fail(s, "%s-%llu.%u ended (%s) with %llu points of stream %d in the books, of %llu",
                     f->sweep, (unsigned long long)f->trial, f->attempt,
                     trial_reason_name(f->reason), (unsigned long long)t->points[i], i,
                     (unsigned long long)d->lines[i]);
    for (const struct process *p = d->processes; p; p = p->next)
        if (process_is_training(p))
            sim_fail(s, "%s-%llu.%u is said to have ended (%s), and trains on", f->sweep,
                     (unsigned long long)f->trial, f->attempt, trial_reason_name(f->reason));
}

static void fact_terminal(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    if (t->terminal >= 0)
        sim_fail(s, "trial %s-%llu ended twice", f->sweep, (unsigned long long)f->trial);
    if (trial_states[f->state].final)
        t->terminal = f->state;
}

static bool agents_may_be_lost(const struct sim *s)
{
    return sim_has(s, SIM_LONG) || sim_has(s, SIM_LEAVE) || sim_has(s, SIM_SUSPEND_AGENT) ||
           sim_has(s, SIM_CUTS);
}

static void fact_ended(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    const struct book_attempt *attempt = attempt_of(s, f);
    const struct sweep *w = sweeps_find(s, f->sweep);
    const struct dir *d = dir_of_attempt(s, attempt->agent, f);
    fact_terminal(s, f);
    t->ended = true;
    t->superseded = f->reason == REASON_SUPERSEDED;
    if (f->ran_ms < 0 || f->ended_ms < attempt->launched_ms)
        sim_fail(s, "%s-%llu.%u ended before it began", f->sweep, (unsigned long long)f->trial,
                 f->attempt);
    t->failed += trial_reason_state(f->reason) == TRIAL_FAILED;
    t->lost += trial_reason_state(f->reason) == TRIAL_LOST;
    if (t->failed > (uint32_t)w->retry_failed + 1 || t->lost > (uint32_t)w->retry_host + 1)
        sim_fail(s, "trial %s-%llu has failed %u times and was lost %u times", f->sweep,
                 (unsigned long long)f->trial, t->failed, t->lost);
    if (t->stopped && f->reason != REASON_SUPERSEDED && attempt->stop == REASON_NONE)
        sim_fail(s, "%s-%llu.%u was not asked to stop, and its trial is stopped", f->sweep,
                 (unsigned long long)f->trial, f->attempt);
    if (f->state == TRIAL_FAILED && t->failed <= (uint32_t)w->retry_failed && !t->stopped)
        sim_fail(s, "trial %s-%llu is given up after failing %u times", f->sweep,
                 (unsigned long long)f->trial, t->failed);
    if (trial_reason_state(f->reason) == TRIAL_LOST)
        note_lost_on(s, t, attempt->agent, true);
    bool poison = hosts_lost(t) >= CONTROLLER_POISON_HOSTS;
    if (f->state == TRIAL_LOST && t->lost <= (uint32_t)w->retry_host && !poison && !t->stopped)
        sim_fail(s, "trial %s-%llu is given up, lost %u times on %u hosts", f->sweep,
                 (unsigned long long)f->trial, t->lost, hosts_lost(t));
    if (f->state == TRIAL_PENDING && poison && trial_reason_state(f->reason) == TRIAL_LOST)
        sim_fail(s, "trial %s-%llu runs again after %u hosts died under it", f->sweep,
                 (unsigned long long)f->trial, hosts_lost(t));
    t->was_lost = books_trial_may_return(attempt);
    if (t->was_lost || f->reason == REASON_SUPERSEDED)
        t->lost_bits |= 1ull << f->attempt % 64;
    if (attempt->reason == REASON_HOST || attempt->reason == REASON_UNKILLABLE ||
        attempt->reason == REASON_SUPERSEDED ||
        (attempt->reason == REASON_POISON &&
         (agents_may_be_lost(s) || audit_was_forgotten(t, f->attempt) ||
          sim_has(s, SIM_UNKILLABLE) || sim_has(s, SIM_HOST_DISK))))
        t->given_up |= 1ull << f->attempt % 64;
    if (attempt->reason == REASON_UNKILLABLE ||
        (attempt->reason == REASON_POISON && sim_has(s, SIM_UNKILLABLE)))
        t->unkillable |= 1ull << f->attempt % 64;
    if (d && !d->damaged && !(t->given_up >> f->attempt % 64 & 1))
        fact_all_is_in(s, f, d);
}

/* An attempt that was given up goes on, with all that it had reported; another one that ran in its
 * place is told to end. */
static void fact_reinstated(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    if (!t->ended)
        sim_fail(s, "%s-%llu.%u goes on, and so does attempt %u", f->sweep,
                 (unsigned long long)f->trial, f->attempt, t->attempt);
    if (t->superseded && f->attempt > t->attempt)
        sim_fail(s, "%s-%llu.%u replaces the older attempt %u", f->sweep,
                 (unsigned long long)f->trial, f->attempt, t->attempt);
    t->superseded = false;
    if (f->attempt != t->attempt) {
        struct aside_audit *found = aside_find(t, f->attempt);
        if (!found) {
            sim_fail(s, "%s-%llu.%u goes on, and was not lost", f->sweep,
                     (unsigned long long)f->trial, f->attempt);
            return;
        }
        struct aside_audit aside = *found;
        *found = (struct aside_audit){0};
        if (t->was_lost)
            aside_put(t);
        t->attempt = aside.attempt;
        memcpy(t->points, aside.points, sizeof t->points);
        memcpy(t->stored, aside.stored, sizeof t->stored);
        t->life = aside.life;
    }
    if (t->terminal >= 0 && t->terminal != TRIAL_LOST)
        sim_fail(s, "%s-%llu.%u goes on, and its trial has another end", f->sweep,
                 (unsigned long long)f->trial, f->attempt);
    t->terminal = -1;
    t->lost_bits &= ~(1ull << f->attempt % 64);
    note_lost_on(s, t, attempt_of(s, f)->agent, false);
    t->given_up &= ~(1ull << f->attempt % 64);
    t->ended = t->was_lost = false;
    t->lost -= t->lost > 0;
}

/* A retried trial counts its retries from zero, but numbers its attempts further. */
static void fact_retried(struct sim *s, const struct fact *f)
{
    struct trial_audit *t = audit_trial(s, f->sweep, f->trial);
    if (t->terminal != f->state || f->attempt != t->newest)
        sim_fail(s, "trial %s-%llu did not end as its retry says", f->sweep,
                 (unsigned long long)f->trial);
    if ((f->state == TRIAL_FINISHED && f->measured) || f->state == TRIAL_STOPPED)
        sim_fail(s, "trial %s-%llu has a result, and runs again", f->sweep,
                 (unsigned long long)f->trial);
    t->terminal = -1;
    t->failed = t->lost = 0;
    t->was_lost = t->stopped = false;
    memset(t->lost_on, 0, sizeof t->lost_on);
    memset(t->asides, 0, sizeof t->asides);
    t->retried = true;
}

void audit_fact_before(struct sim *s, const struct fact *f)
{
    if (f->kind == FACT_LAUNCHED)
        audit_sweep_launching(s, f);
}

void audit_fact(struct sim *s, const struct fact *f)
{
    sim_trace(s, "books", "%s %s trial %llu attempt %u %s state %d [%llu, %llu) %zu points",
              fact_kind_name(f->kind), f->sweep, (unsigned long long)f->trial, f->attempt,
              trial_reason_name(f->reason), f->state, (unsigned long long)f->from,
              (unsigned long long)f->to, f->points.n);
    if (f->kind == FACT_AGENT_STATE || f->kind == FACT_ACTION)
        return;
    struct sweep_audit *a = audit_sweep(s, f->sweep);
    if (!a || !audit_trial(s, f->sweep, f->trial))
        return;
    if (f->kind == FACT_PROPOSED)
        audit_sweep_proposed(s, a, f);
    else if (f->kind == FACT_LAUNCHED)
        fact_launched(s, f);
    else if (f->kind == FACT_METRICS)
        fact_metrics(s, f);
    else if (f->kind == FACT_ENDED)
        fact_ended(s, f);
    else if (f->kind == FACT_STOPPING && f->reason == REASON_USER)
        audit_trial(s, f->sweep, f->trial)->stopped = true;
    else if (f->kind == FACT_TRIAL_STATE)
        fact_terminal(s, f);
    else if (f->kind == FACT_SWEEP_EDITED)
        a->edited = true;
    else if (f->kind == FACT_SWEEP_STATE)
        audit_sweep_moved(a, f);
    else if (f->kind == FACT_RETRIED)
        fact_retried(s, f);
    else if (f->kind == FACT_REINSTATED)
        fact_reinstated(s, f);
    audit_sweep_decided(s, a, f);
}
