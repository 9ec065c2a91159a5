/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An attempt that was ended as lost, when its agent returns with it (docs/PROTOCOL.md):
 *
 *     the trial waits            -> the attempt continues
 *     a replacement runs         -> the replacement ends as superseded, and the attempt continues
 *     the trial ended as lost    -> the attempt continues; a sweep that had ended runs, or stops, again
 *     the trial has another end  -> the end stays: the first that is durable counts
 */
#include "orchestrator/core/controller/controller_reinstate.h"

#include <string.h>

#include "orchestrator/core/controller/controller_end.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"

/* The attempt of this number that may return; NULL: none. One that is newer than the attempt that
 * runs replaced it, and does not come back. */
static const struct book_attempt *reinstate_find(const struct book_trial *t, uint64_t attempt)
{
    bool runs = t->state == TRIAL_RUNNING;
    /* MUTANT lost-returns: t->state == TRIAL_LOST => false */
    bool may = t->state == TRIAL_PENDING || t->state == TRIAL_LOST ||
               (runs && attempt < t->attempt.number);
    return may ? books_trial_lost(t, attempt) : NULL;
}

static bool reinstate_has_place(const struct fleet_agent *agent, const struct book_attempt *at)
{
    struct arena scratch;
    struct grant g;
    arena_init(&scratch);
    bool has = grant_parse(&scratch, at->slot, at->grant, &g) && fleet_can_take(agent, &g);
    arena_done(&scratch);
    return has;
}

static void reinstate_supersede(struct controller *c, const struct event *ev, struct book_sweep *s,
                                struct book_trial *t, struct effects *out)
{
    const struct fleet_agent *other = fleet_find(&c->fleet, t->attempt.agent);
    uint32_t link = other->link, attempt = t->attempt.number;
    controller_end_attempt(c, ev, s, t, REASON_SUPERSEDED,
                           &(struct fact){.ended_ms = ev->wall_ms,
                                          .ran_ms = ev->wall_ms - t->attempt.launched_ms,
                                          .code = -1,
                                          .text = "an earlier attempt was not lost, and continues"},
                           out);
    if (!link)
        return;
    controller_launch_message(c, link, MESSAGE_FORGET, s->id, t->number, attempt, out);
    struct effect *e = effects_add(out, EFFECT_GIVEN_UP);
    e->sweep = arena_strdup(out->arena, s->id);
    e->trial = t->number;
    e->attempt = attempt;
    e->text = arena_printf(out->arena,
                           "agent %s deletes what it had not sent: an earlier attempt continues",
                           other->name);
}

/* What an attempt that does not continue had not sent is lost, and why. NULL: nothing is, since it
 * ended by its agent's own word. */
static const char *reinstate_obstacle(const struct book_sweep *s, const struct book_trial *t,
                                      const struct book_attempt *at,
                                      const struct fleet_agent *agent, uint64_t attempt,
                                      const struct event_held *held, struct arena *a)
{
    if (at && s->fault)
        return "this version of besom cannot read the sweep's spec";
    if (at && t->state == TRIAL_LOST && s->counts[TRIAL_LOST] == 0)
        return "the counts of its sweep are damaged: see besom check";
    if (at && strcmp(at->agent, agent->name) != 0)
        return arena_printf(a, "the attempt ran on agent %s", at->agent);
    if (at && sweep_states[s->state].final && t->state != TRIAL_LOST)
        return "its sweep was cancelled";
    if (at)
        return "another trial has its slot";
    if (t && t->attempt.number != attempt)
        return arena_printf(a, "attempt %u of the trial counts", t->attempt.number);
    if (t && (t->attempt.partial || books_trial_may_return(&t->attempt)))
        return "somebody retried its trial";
    if (!held || !held->sweep)
        return NULL;
    if (held->removed)
        return "its sweep was removed";
    if (held->fault)
        return held->fault;
    if (!held->trial_state)
        return "the store has no such trial";
    if (held->was_lost || held->superseded || held->current != attempt)
        return arena_printf(a, "the trial is %s by its attempt %u", held->trial_state,
                            held->current);
    return NULL;
}

/* A sweep that ended when this trial was lost continues. One that somebody stopped, or that had met
 * its target or spent its budget, stops again when the trial has ended. A cancelled one stays so. */
static void reinstate_revive(struct controller *c, const struct event *ev, struct book_sweep *s,
                             uint64_t trial, struct effects *out)
{
    if (!sweep_states[s->state].final)
        return;
    schedule_revive(&c->schedule, schedule_find(&c->schedule, s->id));
    if (s->state == SWEEP_CANCELLED)
        return;
    bool over = s->reason != REASON_OK;
    controller_record_sweep(
        c, ev, s, over ? SWEEP_STOPPING : SWEEP_RUNNING, over ? s->reason : REASON_NONE,
        arena_printf(out->arena, "trial %s-%llu was lost, and its agent returned", s->id,
                     (unsigned long long)trial),
        out);
}

/* stopped: somebody has stopped the attempt that was in its place. */
static void reinstate_stop(struct controller *c, const struct event *ev, struct book_sweep *s,
                           struct book_trial *t, bool stopped, struct effects *out)
{
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    if (s->state == SWEEP_CANCELLED || stopped)
        controller_launch_stop(c, ev, s, t, REASON_USER, out);
    else if (c->draining && turn->admitted)
        controller_launch_stop(c, ev, s, t, REASON_INTERRUPTED, out);
    else if (turn->spent)
        controller_launch_stop(c, ev, s, t, REASON_BUDGET, out);
}

struct book_trial *controller_reinstate(struct controller *c, const struct event *ev,
                                        struct fleet_agent *agent, const char *sweep,
                                        uint64_t trial, uint64_t attempt,
                                        const struct event_held *held, const char **ret_why,
                                        struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, sweep);
    struct book_trial *t = s ? books_trial(s, trial) : NULL;
    const struct book_attempt *at = t ? reinstate_find(t, attempt) : NULL;
    bool lost = t && t->state == TRIAL_LOST;
    bool may = at && !s->fault &&
               (lost ? s->counts[TRIAL_LOST] > 0 : !sweep_states[s->state].final) &&
               strcmp(at->agent, agent->name) == 0 && reinstate_has_place(agent, at);
    if (!may) {
        *ret_why = reinstate_obstacle(s, t, at, agent, attempt, held, out->arena);
        return NULL;
    }
    /* MUTANT stopped-returns: t->attempt.stop == REASON_USER => false */
    bool stopped = t->state == TRIAL_RUNNING && t->attempt.stop == REASON_USER;
    if (lost)
        reinstate_revive(c, ev, s, trial, out);
    else if (t->state == TRIAL_RUNNING)
        reinstate_supersede(c, ev, s, t, out);
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_REINSTATED,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .attempt = (uint32_t)attempt});
    reinstate_stop(c, ev, s, t, stopped, out);
    return t;
}
