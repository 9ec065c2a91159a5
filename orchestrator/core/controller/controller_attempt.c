/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_attempt.h"

#include <string.h>

#include "base/mem.h"
#include "base/number/count.h"
#include "base/utf8.h"
#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"
#include "protocol/log_cause.h"

enum { WAITS_BYTES_MAX = 200 };

static struct message *attempt_answer(struct controller *c, const struct event *ev,
                                      enum message_type type, struct effects *out)
{
    const struct message *m = ev->message;
    return controller_launch_message(c, ev->link, type, m->sweep, m->trial, m->attempt, out);
}

/* The running attempt that the message is about; NULL if the books hold another state. */
static struct book_trial *attempt_trial(const struct controller *c, const struct event *ev,
                                        struct book_sweep **ret_sweep)
{
    const struct message *m = ev->message;
    const struct fleet_agent *agent = fleet_of_link(&c->fleet, ev->link);
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

static bool attempt_meets_target(const struct book_sweep *s, const struct book_trial *t)
{
    const struct objective_rule rule = spec_objective_rule(s->spec);
    return objective_meets_target(&rule, &t->objective);
}

/* Counts the lines that gave no point: those that the agent left out, with the first part of the
 * text, and those of the part that begins at byte `at`. */
static void attempt_count_lost(const struct message *m, size_t at, struct fact *f,
                               struct effects *out)
{
    enum { SHOWN_BYTES = 80 };
    uint64_t number = 0;
    if (at == 0) {
        f->points.too_long = m->long_lines;
        f->long_line = m->long_line;
        f->bad_line = m->bad_line;
    }
    if (f->points.bad > 0) {
        for (const char *p = m->text; p < m->text + at; p++)
            number += *p == '\n';
        const char *line = m->text + at;
        for (size_t i = 1; i < f->points.bad_line; i++)
            line += strcspn(line, "\n") + 1;
        size_t n = strcspn(line, "\n");
        f->text = arena_strndup(out->arena, line, n < SHOWN_BYTES ? n : SHOWN_BYTES);
        number += m->line > 0 ? m->line + f->points.bad_line - 1 : 0;
        if (f->bad_line > 0 && f->bad_line < number)
            f->text = NULL; /* the agent's bad line comes first */
        else
            f->bad_line = m->line > 0 ? number : 0;
    }
    f->points.bad = count_add(f->points.bad, at == 0 ? m->bad_lines : 0);
}

/* Points that do not fit into one chunk become several facts. Only the last one moves the offset,
 * and all become durable together. */
static void attempt_record_points(struct controller *c, const struct event *ev,
                                  const struct book_sweep *s, const struct book_trial *t,
                                  struct effects *out)
{
    const struct message *m = ev->message;
    const struct book_attempt *attempt = &t->attempt;
    const bool system = m->stream == FACT_STREAM_SYSTEM;
    const struct point_names names = {system ? NULL : &t->last,
                                      system ? NULL : s->spec->metric.name};
    size_t len = strlen(m->text), at = 0;
    do {
        struct fact f = {.kind = FACT_METRICS,
                         .sweep = s->id,
                         .trial = t->number,
                         .attempt = attempt->number,
                         .stream = (enum fact_stream)m->stream,
                         .from = m->from,
                         .to = m->from,
                         .next_step = attempt->next_step};
        size_t before = at;
        int64_t sample = (int64_t)attempt->samples;
        at += points_parse(out->arena, m->text + at, len - at, (int64_t)m->at_ms, &names,
                           system ? &sample : &f.next_step, &f.points);
        if (at == len)
            f.to = m->to;
        attempt_count_lost(m, before, &f, out);
        controller_record(c, ev, out, &f);
    } while (at < len);
}

/* Judged after each report, even one without a value: other trials may have overtaken this one. */
static void attempt_judge(struct controller *c, const struct event *ev, const struct book_sweep *s,
                          const struct book_trial *t, struct effects *out)
{
    struct stopper_why why;
    /* MUTANT stopped-once: t->attempt.state != ATTEMPT_LAUNCHED => false */
    if (t->attempt.state != ATTEMPT_LAUNCHED || !books_sweep_stops(s, t, &why))
        return;
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_STOPPING,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .attempt = t->attempt.number,
                                     .reason = REASON_STOPPER,
                                     .why = stopper_why_value(out->arena, &why)});
    controller_launch_send_stop(c, s, t, out);
}

void controller_attempt_metrics(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    struct book_sweep *s = NULL;
    struct book_trial *t = attempt_trial(c, ev, &s);
    if (!t || m->stream >= FACT_STREAMS || m->to < m->from) {
        attempt_answer(c, ev, MESSAGE_FORGET, out);
        return;
    }
    struct book_attempt *attempt = &t->attempt;
    /* MUTANT metrics-once: m->from == attempt->offset[m->stream] => true */
    if (m->from == attempt->offset[m->stream] && m->to > m->from) {
        attempt_record_points(c, ev, s, t, out);
        bool reports = m->stream != FACT_STREAM_SYSTEM;
        if (reports)
            /* MUTANT judged: attempt_judge => (void) */
            attempt_judge(c, ev, s, t, out);
        /* MUTANT target-in-pause: s->state == SWEEP_PAUSED => false */
        bool may_start = s->state == SWEEP_RUNNING || s->state == SWEEP_PAUSED;
        if (reports && may_start && !s->only_asked && attempt_meets_target(s, t))
            controller_record_sweep(c, ev, s, SWEEP_STOPPING, REASON_TARGET, NULL, out);
    }
    struct message *ack = attempt_answer(c, ev, MESSAGE_METRICS_ACK, out);
    ack->stream = m->stream;
    ack->to = attempt->offset[m->stream];
}

static enum trial_reason attempt_reason(const struct message *m, const struct book_attempt *attempt)
{
    static const struct {
        const char *cause;
        enum trial_reason reason;
    } causes[] = {{"launch", REASON_LAUNCH},
                  {"time", REASON_TIMEOUT},
                  {"host", REASON_HOST},
                  {"shim", REASON_SHIM},
                  {"copy", REASON_INTERRUPTED},
                  {"code", REASON_CODE},
                  {"interrupt", REASON_INTERRUPTED},
                  {"preempt", REASON_PREEMPTED},
                  {"stop", REASON_PREEMPTED}, /* not by us: whoever takes the host away */
                  {"kill", REASON_PREEMPTED},
                  {"reboot", REASON_REBOOT},
                  {"unkillable", REASON_UNKILLABLE}};
    bool asked = strcmp(m->cause, "stop") == 0 || strcmp(m->cause, "kill") == 0 ||
                 strcmp(m->cause, "preempt") == 0 || strcmp(m->cause, "interrupt") == 0;
    if (asked && attempt->stop != REASON_NONE)
        return attempt->stop;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strcmp(m->cause, causes[i].cause) == 0)
            return causes[i].reason;
    if (m->oom)
        return REASON_OOM;
    /* Whatever the exit code: without room on the disk, metrics may be missing. */
    if (m->no_room)
        return REASON_HOST;
    if (m->signal)
        return REASON_SIGNAL;
    return m->code == 0 ? REASON_OK : REASON_EXIT;
}

/* Its agent could not start it, for a reason that need not be the trial's own. */
static bool attempt_never_started(const struct message *m, const struct book_attempt *attempt)
{
    return attempt->stop == REASON_NONE &&
           (strcmp(m->cause, "launch") == 0 || strcmp(m->cause, "host") == 0 ||
            strcmp(m->cause, "code") == 0);
}

void controller_attempt_ended(struct controller *c, const struct event *ev, struct effects *out)
{
    const struct message *m = ev->message;
    struct book_sweep *s = NULL;
    struct book_trial *t = attempt_trial(c, ev, &s);
    if (t) {
        enum trial_reason reason = attempt_reason(m, &t->attempt);
        const char *text =
            m->text[0] ? log_cause_clean(out->arena, m->text, strlen(m->text)) : NULL;
        if (attempt_never_started(m, &t->attempt) &&
            controller_bar_put(c, ev, s, t, &text, out->arena))
            reason = REASON_UNSTARTED;
        bool unseen = reason == REASON_SHIM || reason == REASON_REBOOT; /* nobody saw its end */
        struct fact how = {.ended_ms = (int64_t)m->at_ms,
                           .ran_ms = (int64_t)m->ran_ms,
                           .code = m->signal || unseen ? -1 : (int)m->code,
                           .signal = (int)m->signal,
                           .log_dropped = m->dropped,
                           .stdout_dropped = m->stdout_dropped,
                           .rewrites = m->rewrites,
                           .text = text || reason != REASON_HOST
                                       ? text
                                       : "the disk was full when it ended: metrics may be missing"};
        controller_end_attempt(c, ev, s, t, reason, &how, out);
    }
    attempt_answer(c, ev, MESSAGE_ENDED_ACK, out);
}

void controller_attempt_waits(struct controller *c, const struct event *ev)
{
    struct book_sweep *s = NULL;
    struct book_trial *t = attempt_trial(c, ev, &s);
    const char *text = ev->message->text;
    if (!t)
        return;
    size_t len = utf8_valid_prefix(text, strnlen(text, WAITS_BYTES_MAX));
    struct fleet_slot *slot = &fleet_find(&c->fleet, t->attempt.agent)->slots[t->attempt.slot];
    mem_free(slot->waits);
    slot->waits = NULL;
    if (len == 0)
        return;
    slot->waits = mem_alloc(len + 1);
    memcpy(slot->waits, text, len);
}
