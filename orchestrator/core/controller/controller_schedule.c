/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_schedule.h"

#include <string.h>

#include "base/check.h"
#include "orchestrator/core/controller/controller_budget.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/place/controller_place.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/controller/place/controller_room.h"
#include "orchestrator/core/steer/controller_edit.h"

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less_by(uint64_t from, uint64_t by)
{
    return from > by ? from - by : 0;
}

bool controller_schedule_has_more(const struct controller *c, const struct book_sweep *s)
{
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    return s->counts[TRIAL_PENDING] + s->counts[TRIAL_RUNNING] > 0 ||
           (turn && (turn->ready_n > 0 || controller_room_proposals(turn, s) > 0));
}

/* How many proposals to keep ready beyond those that could be launched now. A proposal that is made
 * early by a strategy that learns does not know the result that will free its slot: the search is
 * as good as with one more slot. So one is made early only if a slot would wait for it longer than a
 * small part of a trial's time. With one slot none is made early: the proposals of a search one by
 * one do not depend on timing. */
static uint64_t schedule_ahead(const struct controller *c, const struct schedule_sweep *turn,
                               const struct book_sweep *s)
{
    if (strategy_learns(s->spec->method))
        return controller_room_parallel(turn, s) > 1 &&
               (c->fleet.slots_n > 1 || c->schedule.sweeps.live > 1) && turn->trial_ms > 0 &&
               turn->think_ms > turn->trial_ms / CONTROLLER_WAIT_PART;
    uint64_t wanted = s->counts[TRIAL_RUNNING] / 4;
    return wanted < CONTROLLER_AHEAD_MIN   ? CONTROLLER_AHEAD_MIN
           : wanted > CONTROLLER_AHEAD_MAX ? CONTROLLER_AHEAD_MAX
                                           : wanted;
}

/* How many of its trials have room now. */
static uint64_t schedule_room(struct controller *c, struct schedule_sweep *turn,
                              const struct book_sweep *s)
{
    const struct fleet_class *class = controller_room_class(c, turn, s);
    const struct fleet_agent *held = fleet_held(&c->fleet, s->id);
    return class->room_n + (held && fleet_agent_room(held, &class->need) > 0);
}

/* Asks for proposals if fewer are ready than wanted; one question at a time. */
static void schedule_ask(struct controller *c, const struct event *ev, struct schedule_sweep *turn,
                         const struct book_sweep *s, struct effects *out)
{
    uint64_t room = controller_room_trials(c, turn, s);
    if (turn->asked > 0 || room == 0 || controller_room_class(c, turn, s)->able_n == 0)
        return;
    uint64_t now = least_of(schedule_room(c, turn, s), room);
    uint64_t wanted = less_by(now + schedule_ahead(c, turn, s),
                              less_by(s->counts[TRIAL_PENDING], turn->elsewhere) + turn->ready_n);
    wanted = least_of(least_of(wanted, controller_room_proposals(turn, s)), CONTROLLER_AHEAD_MAX);
    if (wanted == 0)
        return;
    turn->asked = (uint32_t)wanted;
    turn->asked_ms = ev->now_ms;
    struct effect *e = effects_add(out, EFFECT_PROPOSE);
    e->sweep = arena_strdup(out->arena, s->id);
    e->wanted = turn->asked;
    /* MUTANT known-asked: c->books.seq => 0 */
    e->known = c->books.seq;
    e->asker = turn->order;
    controller_place_turn(c, turn);
}

void controller_schedule_proposed(struct controller *c, const struct event *ev, struct effects *out)
{
    struct schedule_sweep *turn = schedule_find(&c->schedule, ev->sweep);
    struct book_sweep *s = books_sweep(&c->books, ev->sweep);
    /* The sweep may have ended, been forgotten and even returned since the question. */
    /* MUTANT late-proposal: !turn => false */
    if (!turn || turn->order != ev->asker)
        return;
    check(s && turn->asked > 0 && ev->proposals_n <= turn->asked);
    turn->asked = 0;
    if (ev->proposals_n > 0)
        turn->think_ms = (ev->now_ms - turn->asked_ms) / (int64_t)ev->proposals_n;
    schedule_touch(&c->schedule, turn);
    /* MUTANT stale: turn->stale => false */
    if (turn->stale) {
        turn->stale = false;
        return;
    }
    for (size_t i = 0; i < ev->proposals_n; i++) {
        const struct proposal *p = &ev->proposals[i];
        schedule_keep(turn, p->cursor, ev->known, p->params, p->why);
    }
    turn->exhausted |= ev->exhausted;
    if (ev->exhausted && ev->text && s->state == SWEEP_RUNNING)
        controller_record_sweep(c, ev, s, SWEEP_PAUSED, REASON_NONE, ev->text, out);
}

static void schedule_end_if_done(struct controller *c, const struct event *ev,
                                 struct schedule_sweep *turn, struct book_sweep *s,
                                 struct effects *out)
{
    if (s->counts[TRIAL_RUNNING] > 0)
        return;
    if (s->state == SWEEP_STOPPING) {
        enum trial_reason why = s->reason;
        controller_record_cancelled(c, ev, s, why, out);
        controller_record_sweep(c, ev, s, SWEEP_FINISHED, why, NULL, out);
    } else if (s->state == SWEEP_RUNNING && !s->fault && s->counts[TRIAL_PENDING] == 0 &&
               turn->ready_n == 0 && turn->asked == 0 && controller_room_proposals(turn, s) == 0) {
        enum sweep_state to = s->only_asked ? (enum sweep_state)s->asked_state : SWEEP_FINISHED;
        enum trial_reason why = s->only_asked ? s->asked_reason : REASON_OK;
        bool edited = s->only_asked && s->asked_edited;
        controller_record_sweep(c, ev, s, to, why, NULL, out);
        if (edited)
            controller_edit_continue(c, ev, s, out);
    }
}

void controller_schedule(struct controller *c, const struct event *ev, struct effects *out)
{
    struct schedule_sweep *turn;
    controller_budget(c, ev, out);
    if (!c->schedule.touched)
        return;
    for (turn = c->schedule.touched; turn; turn = turn->next_touched)
        controller_place_turn(c, turn);
    controller_place(c, ev, out);
    while ((turn = schedule_next_touched(&c->schedule)) != NULL) {
        struct book_sweep *s = books_sweep(&c->books, turn->id);
        schedule_end_if_done(c, ev, turn, s, out);
        schedule_ask(c, ev, turn, s, out);
        controller_budget_place(c, ev, turn);
        if (sweep_states[s->state].final &&
            s->counts[TRIAL_PENDING] + s->counts[TRIAL_RUNNING] == 0) {
            controller_room_forget(c, turn);
            schedule_end(&c->schedule, turn, ev->now_ms);
        }
    }
}

/* Has the agents that know the sweep forget it, and drops it from the books. */
static void schedule_forget_sweep(struct controller *c, struct book_sweep *s, struct effects *out)
{
    void *value;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);) {
        struct fleet_agent *agent = value;
        /* MUTANT sweep-done: !map_remove(&agent->told, s->id, strlen(s->id)) => true */
        if (!map_remove(&agent->told, s->id, strlen(s->id)))
            continue;
        controller_launch_message(c, agent->link, MESSAGE_SWEEP_DONE, s->id, 0, 0, out);
    }
    books_drop_sweep(&c->books, s);
}

void controller_schedule_forget(struct controller *c, const struct event *ev, struct effects *out)
{
    /* MUTANT ended-in-time: <= ev->now_ms => < INT64_MAX */
    while (controller_schedule_deadline(c) <= ev->now_ms) {
        struct schedule_sweep *turn = schedule_first_ended(&c->schedule);
        struct book_sweep *s = books_sweep(&c->books, turn->id);
        if (s->open.live > 0) { /* the store does not have its last trials: keep it */
            turn->ended_ms = ev->now_ms;
            return;
        }
        controller_room_forget(c, turn);
        schedule_forget_sweep(c, s, out);
        schedule_drop_ended(&c->schedule);
    }
}

int64_t controller_schedule_deadline(const struct controller *c)
{
    const struct schedule_sweep *first = schedule_first_ended(&c->schedule);
    return first ? first->ended_ms + CONTROLLER_ENDED_MS : INT64_MAX;
}
