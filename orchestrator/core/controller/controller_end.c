/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_end.h"

#include <string.h>

#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "protocol/log_cause.h"
#include "sweep/missing_metric.h"

/* The trial's next state. Failures of the user and of the host have separate retry limits. */
static enum trial_state end_next_state(const struct book_sweep *s, const struct book_trial *t,
                                       enum trial_reason *reason)
{
    enum trial_state state = trial_reason_state(*reason);
    uint64_t failures = state == TRIAL_FAILED ? t->failed + 1 : t->failed;
    uint64_t losses = state == TRIAL_LOST ? t->lost + 1 : t->lost;
    bool again = false;
    /* MUTANT stopped-again: t->attempt.stop == REASON_USER => false */
    bool stopped = t->attempt.stop == REASON_USER && *reason != REASON_SUPERSEDED;
    if (*reason == REASON_USER && s->state != SWEEP_CANCELLED)
        return TRIAL_STOPPED; /* this trial alone */
    if (state == TRIAL_FAILED)
        /* MUTANT retry-failed: failures <= (uint64_t)s->spec->retry.failed => true */
        again = failures <= (uint64_t)s->spec->retry.failed;
    else if (state == TRIAL_LOST)
        /* MUTANT retry-host: losses <= (uint64_t)s->spec->retry.host => true */
        again = losses <= (uint64_t)s->spec->retry.host &&
                books_trial_hosts_lost(t, t->attempt.agent) < CONTROLLER_POISON_HOSTS;
    else if (state == TRIAL_PREEMPTED || state == TRIAL_PENDING)
        again = true;
    if (stopped && again && s->state != SWEEP_CANCELLED) {
        if (state == TRIAL_FAILED || state == TRIAL_LOST) /* before the stop reached it */
            return state;
        *reason = REASON_USER;
        return TRIAL_STOPPED;
    }
    if (again)
        /* MUTANT cancelled-stays: s->state == SWEEP_CANCELLED => false */
        return s->state == SWEEP_CANCELLED ? TRIAL_CANCELLED : TRIAL_PENDING;
    if (state == TRIAL_LOST && s->spec->retry.host > 0)
        *reason = REASON_POISON;
    return state;
}

/* When the attempt ended and how long it ran. An agent's clock may be ahead of ours, or may have
 * been set since the launch. If nobody saw the end, its time is when it was noticed. */
static void end_time(const struct event *ev, const struct book_attempt *attempt, struct fact *f)
{
    bool unseen = f->reason == REASON_SHIM || f->reason == REASON_REBOOT ||
                  f->reason == REASON_HOST || f->reason == REASON_UNKILLABLE;
    if (f->ended_ms > ev->wall_ms)
        f->ended_ms = ev->wall_ms;
    if (f->ended_ms < attempt->launched_ms)
        f->ended_ms = attempt->launched_ms;
    if (f->ran_ms < 0 || (unseen && f->ran_ms == 0))
        f->ran_ms = f->ended_ms - attempt->launched_ms;
}

static const char *end_no_metric(const struct book_sweep *s, const struct book_trial *t,
                                 struct arena *a)
{
    struct buf text;
    struct arena names;
    buf_init(&text, SIZE_MAX);
    arena_init(&names);
    size_t n = t->last.live, i = 0;
    const char **list = arena_alloc(&names, (n + 1) * sizeof *list);
    const char *missing = books_sweep_missing(s, t);
    void *metric;
    for (size_t at = 0; map_next(&t->last, &at, &metric);)
        list[i++] = ((const struct book_metric *)metric)->key;
    buf_addf(&text, "%u trials in a row finished without the metric %s: the last ",
             s->metric_streak, missing);
    missing_metric_print(&text, missing, list, i);
    const char *said = arena_strdup(a, buf_str(&text));
    buf_done(&text);
    arena_done(&names);
    return said;
}

/* Quick failures in a row, without those before a host that was to blame was cordoned. */
static uint32_t end_failures(struct controller *c, const struct book_sweep *s)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    if (s->failure_streak < turn->forgiven)
        turn->forgiven = 0;
    return s->failure_streak - turn->forgiven;
}

/* said: how the last of them ended; NULL: not known. */
static const char *end_quick_text(struct controller *c, const struct book_sweep *s,
                                  const char *said, struct arena *a)
{
    const char *text =
        arena_printf(a, "%u %s in a row failed within seconds of their start", end_failures(c, s),
                     s->spec->retry.failed > 0 ? "attempts" : "trials");
    const char *last = said ? arena_strndup(a, said, strcspn(said, "\n")) : "";
    return *last
               ? arena_printf(a, "%s, the last: %s", text, log_cause_short(a, last, LOG_CAUSE_MAX))
               : text;
}

struct event_retry controller_end_retry(const struct book_sweep *s)
{
    if (s->state != SWEEP_PAUSED || s->reason == REASON_USER)
        return (struct event_retry){0};
    if (s->reason != REASON_NONE && s->failure_streak > 0)
        return (struct event_retry){.states = MACHINE_TO(TRIAL_FAILED),
                                    .quick_n = s->failure_streak};
    if (s->reason == REASON_NONE && s->metric_streak >= CONTROLLER_NO_METRICS)
        return (struct event_retry){.states = MACHINE_TO(TRIAL_FINISHED)};
    return (struct event_retry){0};
}

void controller_end_attempt(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason reason, const struct fact *how,
                            struct effects *out)
{
    struct fact f = *how;
    f.kind = FACT_ENDED;
    f.sweep = s->id;
    f.trial = t->number;
    f.attempt = t->attempt.number;
    f.reason = reason;
    end_time(ev, &t->attempt, &f);
    f.state = end_next_state(s, t, &f.reason);
    struct fleet_agent *agent = fleet_find(&c->fleet, t->attempt.agent);
    controller_record(c, ev, out, &f);
    controller_agent_settle(c, agent, out);
    controller_agent_judge(c, ev, agent, s, t, reason, how->text, out);
    if (s->state == SWEEP_RUNNING && reason == REASON_CODE) /* on no agent, and it costs nothing */
        controller_record_sweep(c, ev, s, SWEEP_PAUSED, reason, how->text, out);
    if (s->state == SWEEP_RUNNING && end_failures(c, s) >= CONTROLLER_QUICK_FAILURES)
        controller_record_sweep(c, ev, s, SWEEP_PAUSED, reason,
                                end_quick_text(c, s, how->text, out->arena), out);
    if (s->state == SWEEP_RUNNING && s->metric_streak >= CONTROLLER_NO_METRICS &&
        controller_schedule_has_more(c, s))
        controller_record_sweep(c, ev, s, SWEEP_PAUSED, REASON_NONE,
                                end_no_metric(s, t, out->arena), out);
}

bool controller_end_retries(const struct book_sweep *s, const struct book_trial *t)
{
    enum trial_reason reason = REASON_HOST;
    return end_next_state(s, t, &reason) == TRIAL_PENDING;
}

void controller_end_lost(struct controller *c, const struct event *ev, struct fleet_agent *agent,
                         const char *why, struct effects *out)
{
    effects_add_news(out, EFFECT_AGENT_LOST, agent->name, fleet_agent_attempts(agent), 0);
    for (uint32_t slot = 0; slot < agent->slots_n; slot++) {
        const struct fleet_slot *place = &agent->slots[slot];
        if (place->slots_n == 0) /* not the first slot of an attempt */
            continue;
        struct book_sweep *s = books_sweep(&c->books, place->sweep);
        controller_end_attempt(c, ev, s, books_trial(s, place->trial), REASON_HOST,
                               &(struct fact){.ended_ms = ev->wall_ms, .code = -1, .text = why},
                               out);
    }
    fleet_drop(&c->fleet, agent);
}
