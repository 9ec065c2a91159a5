/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An attempt that was ended as lost, when its agent returns with it (docs/PROTOCOL.md):
 *
 *     the trial waits        -> the attempt continues
 *     a replacement runs     -> the replacement ends as superseded, and the attempt continues
 *     the trial has an end   -> the end stays: the first that is durable counts
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
    bool waits = t->state == TRIAL_PENDING, runs = t->state == TRIAL_RUNNING;
    bool may = waits || (runs && attempt < t->attempt.number);
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
    if (link)
        controller_launch_message(c, link, MESSAGE_FORGET, s->id, t->number, attempt, out);
}

struct book_trial *controller_reinstate(struct controller *c, const struct event *ev,
                                        struct fleet_agent *agent, const char *sweep,
                                        uint64_t trial, uint64_t attempt, struct effects *out)
{
    struct book_sweep *s = books_sweep(&c->books, sweep);
    struct book_trial *t = s ? books_trial(s, trial) : NULL;
    const struct book_attempt *at = t ? reinstate_find(t, attempt) : NULL;
    if (!at || sweep_states[s->state].final || strcmp(at->agent, agent->name) != 0 ||
        !reinstate_has_place(agent, at))
        return NULL;
    if (t->state == TRIAL_RUNNING)
        reinstate_supersede(c, ev, s, t, out);
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_REINSTATED,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .attempt = (uint32_t)attempt});
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    if (c->draining && turn->admitted)
        controller_launch_stop(c, ev, s, t, REASON_INTERRUPTED, out);
    else if (turn->spent)
        controller_launch_stop(c, ev, s, t, REASON_BUDGET, out);
    return t;
}
