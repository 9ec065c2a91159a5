/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_schedule.h"

#include <string.h>

#include "base/check.h"
#include "orchestrator/core/controller/controller_budget.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less_by(uint64_t from, uint64_t by)
{
    return from > by ? from - by : 0;
}

/* How many more configurations the sweep can have, besides its trials and the ready proposals. */
static uint64_t schedule_proposals_left(const struct schedule_sweep *turn,
                                        const struct book_sweep *s)
{
    uint64_t cap = s->spec->run_cap > 0 ? (uint64_t)s->spec->run_cap : UINT64_MAX;
    if (s->total > 0)
        cap = least_of(cap, s->total + s->enqueued);
    /* MUTANT run-cap: s->proposed + turn->ready_n => s->proposed */
    return turn->exhausted ? 0 : less_by(cap, s->proposed + turn->ready_n);
}

bool controller_schedule_has_more(const struct controller *c, const struct book_sweep *s)
{
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    return s->counts[TRIAL_PENDING] + s->counts[TRIAL_RUNNING] > 0 ||
           (turn && (turn->ready_n > 0 || schedule_proposals_left(turn, s) > 0));
}

/* How many trials of the sweep may run at once. */
static uint64_t schedule_parallel_most(const struct schedule_sweep *turn,
                                       const struct book_sweep *s)
{
    uint64_t most = s->spec->max_parallel > 0 ? (uint64_t)s->spec->max_parallel : UINT64_MAX;
    return turn->most > 0 ? least_of(most, less_by(turn->most, turn->ended_n)) : most;
}

static bool schedule_may_launch(const struct controller *c, const struct schedule_sweep *turn,
                                const struct book_sweep *s)
{
    /* MUTANT admitted: turn->admitted => true */
    /* MUTANT draining: !c->draining => true */
    /* MUTANT paused: s->state == SWEEP_RUNNING => true */
    return turn->admitted && !c->draining && s->state == SWEEP_RUNNING && !s->fault &&
           /* MUTANT max-parallel: s->counts[TRIAL_RUNNING] < schedule_parallel_most(turn, s) => true */
           s->counts[TRIAL_RUNNING] < schedule_parallel_most(turn, s);
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
        return schedule_parallel_most(turn, s) > 1 &&
               (c->fleet.slots_n > 1 || c->schedule.sweeps.live > 1) && turn->trial_ms > 0 &&
               turn->think_ms > turn->trial_ms / CONTROLLER_WAIT_PART;
    uint64_t wanted = s->counts[TRIAL_RUNNING] / 4;
    return wanted < CONTROLLER_AHEAD_MIN   ? CONTROLLER_AHEAD_MIN
           : wanted > CONTROLLER_AHEAD_MAX ? CONTROLLER_AHEAD_MAX
                                           : wanted;
}

static void schedule_place_turn(struct controller *c, struct schedule_sweep *turn)
{
    const struct book_sweep *s = books_sweep(&c->books, turn->id);
    schedule_place(&c->schedule, turn, s, schedule_may_launch(c, turn, s));
}

/* Asks for proposals if fewer are ready than wanted; one question at a time. */
static void schedule_ask(struct controller *c, const struct event *ev, struct schedule_sweep *turn,
                         const struct book_sweep *s, struct effects *out)
{
    if (turn->asked > 0 || c->fleet.slots_n == 0 || !schedule_may_launch(c, turn, s))
        return;
    uint64_t now = least_of(c->fleet.free_n,
                            less_by(schedule_parallel_most(turn, s), s->counts[TRIAL_RUNNING]));
    uint64_t wanted =
        less_by(now + schedule_ahead(c, turn, s), s->counts[TRIAL_PENDING] + turn->ready_n);
    wanted = least_of(least_of(wanted, schedule_proposals_left(turn, s)), CONTROLLER_AHEAD_MAX);
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
    schedule_place_turn(c, turn);
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

/* The trial that the sweep launches next: a pending one, or else the next proposal. */
static struct book_trial *schedule_next_trial(struct controller *c, const struct event *ev,
                                              struct schedule_sweep *turn, struct book_sweep *s,
                                              struct effects *out)
{
    struct book_trial *t = books_first_pending(s);
    if (t)
        return t;
    struct schedule_proposal *p = schedule_take(turn);
    struct fact f = {.kind = FACT_PROPOSED,
                     .sweep = s->id,
                     .trial = s->proposed,
                     .cursor = p->cursor,
                     /* MUTANT known: p->known => c->books.seq */
                     .known = p->known,
                     .params = value_copy(out->arena, p->params),
                     .why = p->why ? value_copy(out->arena, p->why) : NULL};
    schedule_proposal_free(p);
    controller_record(c, ev, out, &f);
    return books_trial(s, f.trial);
}

/* Launches the next trial of the first sweep on a free slot, or reserves slots while its strategy
 * thinks, at most as many as it has asked for. False if no slot is left or no sweep waits. */
static bool schedule_fill_slot(struct controller *c, const struct event *ev, struct effects *out)
{
    struct fleet_agent *agent = fleet_with_room(&c->fleet);
    struct schedule_sweep *turn = schedule_first(&c->schedule);
    /* MUTANT kept: c->fleet.free_n <= c->schedule.reserved_n => c->fleet.free_n == 0 */
    if (!turn || c->fleet.free_n <= c->schedule.reserved_n)
        return false;
    struct book_sweep *s = books_sweep(&c->books, turn->id);
    if (turn->ready_n == 0 && s->counts[TRIAL_PENDING] == 0) {
        uint64_t room = less_by(schedule_parallel_most(turn, s), s->counts[TRIAL_RUNNING]);
        if (c->schedule.turns.n == 1) /* no other sweep could use the slot */
            return false;
        /* MUTANT kept-asked: least_of(turn->asked, room) => room */
        schedule_reserve(&c->schedule, turn, least_of(turn->asked, room));
        return true;
    }
    struct book_trial *t = schedule_next_trial(c, ev, turn, s, out);
    controller_record(c, ev, out,
                      &(struct fact){.kind = FACT_LAUNCHED,
                                     .sweep = s->id,
                                     .trial = t->number,
                                     .attempt = t->attempt.number + 1,
                                     .agent = agent->name,
                                     .slot = fleet_free_slot(agent)});
    controller_launch_send(c, agent, s, t, out);
    schedule_place_turn(c, turn);
    return true;
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
               turn->ready_n == 0 && turn->asked == 0 && schedule_proposals_left(turn, s) == 0) {
        controller_record_sweep(c, ev, s, SWEEP_FINISHED, REASON_OK, NULL, out);
    }
}

void controller_schedule(struct controller *c, const struct event *ev, struct effects *out)
{
    struct schedule_sweep *turn;
    controller_budget(c, ev, out);
    if (!c->schedule.touched)
        return;
    for (turn = c->schedule.touched; turn; turn = turn->next_touched)
        schedule_place_turn(c, turn);
    while (schedule_fill_slot(c, ev, out))
        continue;
    while ((turn = schedule_next_reserving(&c->schedule)) != NULL)
        schedule_place_turn(c, turn);
    while ((turn = schedule_next_touched(&c->schedule)) != NULL) {
        struct book_sweep *s = books_sweep(&c->books, turn->id);
        schedule_end_if_done(c, ev, turn, s, out);
        schedule_ask(c, ev, turn, s, out);
        controller_budget_place(c, ev, turn);
        if (sweep_states[s->state].final &&
            s->counts[TRIAL_PENDING] + s->counts[TRIAL_RUNNING] == 0)
            schedule_end(&c->schedule, turn, ev->now_ms);
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
        schedule_forget_sweep(c, s, out);
        schedule_drop_ended(&c->schedule);
    }
}

int64_t controller_schedule_deadline(const struct controller *c)
{
    const struct schedule_sweep *first = schedule_first_ended(&c->schedule);
    return first ? first->ended_ms + CONTROLLER_ENDED_MS : INT64_MAX;
}
