/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agent says of an attempt: metrics and its end. Both are taken once: metrics by their byte
 * offsets, the end by the attempt's state. What is stale is answered, so that the agent can let go
 * of it. */
#include <string.h>

#include "base/check.h"
#include "orchestrator/core/controller_internal.h"

static struct message *answer(struct controller *c, const struct event *ev, enum message_type type,
                              struct effects *out)
{
    const struct message *m = ev->message;
    struct effect *e = effects_add(out, EFFECT_SEND);
    e->link = ev->link;
    e->message = (struct message){.type = type,
                                  .store = c->store,
                                  .epoch = c->epoch,
                                  .sweep = arena_strdup(out->arena, m->sweep),
                                  .trial = m->trial,
                                  .attempt = m->attempt};
    return &e->message;
}

/* The running attempt that the message is about; NULL where it is not what the books hold. */
static struct book_trial *trial_of(const struct controller *c, const struct event *ev,
                                   struct book_sweep **ret_sweep)
{
    const struct message *m = ev->message;
    const struct controller_agent *agent = controller_agent_of_link(c, ev->link);
    struct book_sweep *s = books_sweep(&c->books, m->sweep);
    struct book_trial *t = s ? books_trial(s, m->trial) : NULL;
    /* MUTANT attempt-fence: t->attempt.number != m->attempt => false */
    /* MUTANT ended-once: t->state != TRIAL_RUNNING => false */
    if (!t || t->state != TRIAL_RUNNING || t->attempt.number != m->attempt ||
        strcmp(t->attempt.agent, agent->name) != 0)
        return NULL;
    *ret_sweep = s;
    return t;
}

static bool target_met(const struct book_sweep *s, const struct book_trial *t)
{
    const struct objective_rule rule = spec_objective_rule(s->spec);
    return objective_meets_target(&rule, &t->objective);
}

void controller_metrics(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    struct book_sweep *s = NULL;
    struct book_trial *t = trial_of(c, ev, &s);
    if (!t || m->stream >= FACT_STREAMS || m->to < m->from) {
        answer(c, ev, MESSAGE_FORGET, out);
        return;
    }
    struct book_attempt *attempt = &t->attempt;
    /* MUTANT metrics-once: m->from == attempt->offset[m->stream] => true */
    if (m->from == attempt->offset[m->stream] && m->to > m->from) {
        struct fact f = {.kind = FACT_METRICS,
                         .sweep = s->id,
                         .trial = t->number,
                         .attempt = attempt->number,
                         .stream = (enum fact_stream)m->stream,
                         .from = m->from,
                         .to = m->to,
                         .next_step = attempt->next_step};
        points_parse(out->arena, m->text, strlen(m->text), (int64_t)m->at_ms, &f.next_step,
                     &f.points);
        controller_record(c, ev, out, &f);
        if (s->state == SWEEP_RUNNING && target_met(s, t))
            controller_set_sweep(c, ev, s, SWEEP_STOPPING, REASON_TARGET, NULL, out);
    }
    struct message *ack = answer(c, ev, MESSAGE_METRICS_ACK, out);
    ack->stream = m->stream;
    ack->to = attempt->offset[m->stream];
}

static enum trial_reason reason_of(const struct message *m, const struct book_attempt *attempt)
{
    static const struct {
        const char *cause;
        enum trial_reason reason;
    } causes[] = {{"launch", REASON_LAUNCH},
                  {"time", REASON_TIMEOUT},
                  {"shim", REASON_SHIM},
                  {"reboot", REASON_REBOOT},
                  {"unkillable", REASON_UNKILLABLE}};
    bool asked = strcmp(m->cause, "stop") == 0 || strcmp(m->cause, "kill") == 0;
    if (asked && attempt->stop != REASON_NONE)
        return attempt->stop;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strcmp(m->cause, causes[i].cause) == 0)
            return causes[i].reason;
    if (m->oom)
        return REASON_OOM;
    if (m->signal)
        return REASON_SIGNAL;
    return m->code == 0 ? REASON_OK : REASON_EXIT;
}

/* What becomes of the trial: its retries are counted apart for the user's faults and the host's. */
static enum trial_state next_state(const struct book_sweep *s, const struct book_trial *t,
                                   enum trial_reason *reason)
{
    enum trial_state state = trial_reason_state(*reason);
    uint64_t failures = state == TRIAL_FAILED ? t->failed + 1 : t->failed;
    uint64_t losses = state == TRIAL_LOST ? t->lost + 1 : t->lost;
    bool again = false;
    if (state == TRIAL_FAILED)
        /* MUTANT retry-failed: failures <= (uint64_t)s->spec->retry.failed => true */
        again = failures <= (uint64_t)s->spec->retry.failed;
    else if (state == TRIAL_LOST)
        /* MUTANT retry-host: losses <= (uint64_t)s->spec->retry.host => true */
        again = losses <= (uint64_t)s->spec->retry.host;
    else if (state == TRIAL_PREEMPTED || state == TRIAL_PENDING)
        again = true;
    if (again)
        /* MUTANT cancelled-stays: s->state == SWEEP_CANCELLED => false */
        return s->state == SWEEP_CANCELLED ? TRIAL_CANCELLED : TRIAL_PENDING;
    if (state == TRIAL_LOST && s->spec->retry.host > 0)
        *reason = REASON_POISON;
    return state;
}

/* When it ended and how long it ran. An agent's clock may be ahead of ours, or have been set since
 * the launch. Of an end that nobody saw we know when it was noticed. */
static void time_end(const struct event *ev, const struct book_attempt *attempt, struct fact *f)
{
    bool unseen = f->reason == REASON_SHIM || f->reason == REASON_REBOOT ||
                  f->reason == REASON_HOST || f->reason == REASON_UNKILLABLE;
    if (f->ended_ms > ev->wall_ms)
        f->ended_ms = ev->wall_ms;
    if (f->ended_ms < attempt->launched_ms)
        f->ended_ms = attempt->launched_ms;
    if (unseen && f->ran_ms == 0)
        f->ran_ms = f->ended_ms - attempt->launched_ms;
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
    time_end(ev, &t->attempt, &f);
    f.state = next_state(s, t, &f.reason);
    controller_record(c, ev, out, &f);
    if (s->state == SWEEP_RUNNING && s->failure_streak >= CONTROLLER_QUICK_FAILURES)
        controller_set_sweep(c, ev, s, SWEEP_PAUSED, reason,
                             arena_printf(out->arena,
                                          "%u trials in a row failed within seconds of their start",
                                          s->failure_streak),
                             out);
}

void controller_ended(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    struct book_sweep *s = NULL;
    struct book_trial *t = trial_of(c, ev, &s);
    if (t) {
        enum trial_reason reason = reason_of(m, &t->attempt);
        bool unseen = reason == REASON_SHIM || reason == REASON_REBOOT; /* nobody saw it end */
        struct fact how = {.ended_ms = (int64_t)m->at_ms,
                           .ran_ms = (int64_t)m->ran_ms,
                           .code = m->signal || unseen ? -1 : (int)m->code,
                           .signal = (int)m->signal,
                           .log_dropped = m->dropped,
                           .text = m->text[0] ? arena_strdup(out->arena, m->text) : NULL};
        controller_end_attempt(c, ev, s, t, reason, &how, out);
    }
    answer(c, ev, MESSAGE_ENDED_ACK, out);
}
