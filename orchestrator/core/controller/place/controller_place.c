/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/place/controller_place.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "orchestrator/core/controller/place/controller_elsewhere.h"
#include "orchestrator/core/controller/controller_launch.h"
#include "orchestrator/core/controller/controller_record.h"
#include "orchestrator/core/controller/place/controller_room.h"

struct placing { /* a pass over the free slots */
    struct controller *c;
    const struct event *ev;
    struct effects *out;
    /* What those sweeps need that wait, come earlier in the order, and have no agent kept for them:
     * an agent that could serve them is not kept for another sweep. */
    struct fleet_class **earlier;
    size_t earlier_n, earlier_cap;
    bool taken; /* the sweep being served took an agent from one of a lower priority */
    bool freed; /* a trial was launched on an agent that was kept until then: sweeps that were set
                 * aside may have room beside it */
};

static bool turn_has_trial(const struct schedule_sweep *turn, const struct book_sweep *s)
{
    return turn->ready_n + s->counts[TRIAL_PENDING] > 0;
}

/* A sweep whose strategy learns asks for a configuration when a slot is free for it. So it waits for
 * its turn without one. */
static bool turn_waits(const struct schedule_sweep *turn, const struct book_sweep *s)
{
    return turn_has_trial(turn, s) || turn->asked > 0 ||
           (strategy_learns(s->spec->method) && controller_room_proposals(turn, s) > 0);
}

void controller_place_turn(struct controller *c, struct schedule_sweep *turn)
{
    const struct book_sweep *s = books_sweep(&c->books, turn->id);
    bool waits = controller_room_trials(c, turn, s) > 0 && turn_waits(turn, s);
    if (waits)
        controller_room_class(c, turn, s);
    else
        fleet_let_go(&c->fleet, turn->id);
    schedule_place(&c->schedule, turn, s, waits);
}

/* The sweep's next proposal becomes a trial. */
static struct book_trial *place_propose(struct placing *p, struct schedule_sweep *turn,
                                        struct book_sweep *s)
{
    struct arena *a = p->out->arena;
    struct schedule_proposal *next = schedule_take(turn);
    struct fact f = {.kind = FACT_PROPOSED,
                     .sweep = s->id,
                     .trial = s->proposed,
                     .cursor = next->cursor,
                     /* MUTANT known: next->known => p->c->books.seq */
                     .known = next->known,
                     .params = value_copy(a, next->params),
                     .why = next->why ? value_copy(a, next->why) : NULL};
    schedule_proposal_free(next);
    controller_record(p->c, p->ev, p->out, &f);
    return books_trial(s, f.trial);
}

/* A path in a folder, without the "./" at its beginning; "." is the folder. */
static const char *place_below(const char *folder, const char *path, struct arena *a)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return *path && strcmp(path, ".") != 0 ? arena_printf(a, "%s/%s", folder, path) : folder;
}

/* Where the training will run and keep its files, as far as its agent has told. */
static void place_name_folders(const struct fleet_agent *agent, const struct book_sweep *s,
                               uint64_t trial, struct grant *g, struct arena *a)
{
    if (!agent->dir)
        return;
    g->dir = arena_printf(a, "%s/trials/%s/%" PRIu64, agent->dir, s->id, trial);
    if (s->snapshot)
        g->workdir = place_below(arena_printf(a, "%s/code/%s", agent->dir, s->snapshot),
                                 s->folder ? s->folder : ".", a);
    else if (s->workdir[0] == '/')
        g->workdir = s->workdir;
    else if (agent->workdir)
        g->workdir = place_below(agent->workdir, s->workdir, a);
}

/* Launches the trial, or the next proposal where it is NULL. */
static void place_launch(struct placing *p, struct schedule_sweep *turn, struct fleet_agent *agent,
                         struct book_trial *t)
{
    struct controller *c = p->c;
    struct book_sweep *s = books_sweep(&c->books, turn->id);
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    struct grant g = fleet_agent_grant(agent, &class->need, p->out->arena);
    p->freed |= p->taken || fleet_held(&c->fleet, turn->id);
    fleet_let_go(&c->fleet, turn->id);
    if (!t)
        t = place_propose(p, turn, s);
    place_name_folders(agent, s, t->number, &g, p->out->arena);
    controller_record(
        c, p->ev, p->out,
        &(struct fact){.kind = FACT_LAUNCHED,
                       .sweep = s->id,
                       .trial = t->number,
                       .attempt = t->attempts + 1,
                       .agent = agent->name,
                       .slot = g.slots[0],
                       .grant = grant_is_plain(&g) ? NULL : grant_value(p->out->arena, &g)});
    controller_launch_send(c, agent, s, t, p->out);
    controller_place_turn(c, turn);
}

/* Keeps a place for a configuration that is being proposed, at most as many as were asked for. */
static void place_keep(struct placing *p, struct schedule_sweep *turn, struct fleet_agent *agent)
{
    struct controller *c = p->c;
    const struct book_sweep *s = books_sweep(&c->books, turn->id);
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    uint64_t room = controller_room_trials(c, turn, s);
    /* MUTANT kept-asked: turn->asked > 0 ? turn->asked : 1 => room */
    uint64_t asked = turn->asked > 0 ? turn->asked : 1;
    struct grant g = fleet_agent_grant(agent, &class->need, p->out->arena);
    if (turn->asked == 0)
        schedule_touch(&c->schedule, turn); /* it is asked at the end of the step */
    fleet_keep(&c->fleet, agent, turn->id, &g);
    schedule_reserve(&c->schedule, turn, asked < room ? asked : room);
}

static bool place_outranks(const struct controller *c, const struct schedule_sweep *turn,
                           const char *other)
{
    return schedule_find(&c->schedule, other)->priority < turn->priority;
}

/* An agent with room for the sweep's next trial: the one that is kept for it, any other, or one that
 * is kept for a sweep of a lower priority, which then loses it. */
static struct fleet_agent *place_find(struct placing *p, const struct schedule_sweep *turn,
                                      const struct fleet_class *class)
{
    struct fleet *f = &p->c->fleet;
    struct fleet_agent *held = fleet_held(f, turn->id), *first = fleet_class_first(class);
    void *value;
    if (held && fleet_agent_room(held, &class->need) > 0)
        return held;
    for (size_t at = 0; !first && map_next(&f->held, &at, &value);) {
        struct fleet_agent *agent = value;
        if (!place_outranks(p->c, turn, agent->held_for) ||
            fleet_agent_room(agent, &class->need) == 0)
            continue;
        fleet_let_go(f, agent->held_for);
        first = agent;
        p->taken = true;
    }
    return first;
}

/* Keeps an agent for a sweep for whose next trial none has room. */
static bool place_hold(struct placing *p, const struct schedule_sweep *turn,
                       struct fleet_class *class)
{
    struct fleet *f = &p->c->fleet;
    void *value;
    if (fleet_held(f, turn->id))
        return true;
    if (fleet_need_is_small(&class->need))
        return false;
    struct fleet_agent *agent = fleet_class_nearest(class, p->earlier, p->earlier_n);
    for (size_t at = 0; !agent && map_next(&f->held, &at, &value);) {
        struct fleet_agent *other = value;
        if (!place_outranks(p->c, turn, other->held_for) ||
            !fleet_agent_can_hold(other, &class->need))
            continue;
        fleet_let_go(f, other->held_for);
        agent = other;
    }
    if (!agent)
        return false;
    fleet_hold(f, agent, turn->id, turn->class);
    return true;
}

/* Serves the first sweep. False if no slot is left or no sweep waits. */
static bool place_step(struct placing *p)
{
    struct controller *c = p->c;
    struct schedule_sweep *turn = schedule_first(&c->schedule);
    if (!turn || c->fleet.free_n == 0)
        return false;
    struct book_sweep *s = books_sweep(&c->books, turn->id);
    struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    p->taken = false;
    struct fleet_agent *agent = place_find(p, turn, class);
    struct book_trial *t = agent ? controller_elsewhere_pick(c, turn, s, &agent) : NULL;
    if (agent && (t || turn->ready_n > 0)) {
        place_launch(p, turn, agent, t);
    } else if (agent && turn->asked == 0 && controller_room_proposals(turn, s) == 0) {
        p->freed |= fleet_held(&c->fleet, turn->id) != NULL;
        fleet_let_go(&c->fleet, turn->id); /* its trials wait for other agents */
        schedule_set_aside(&c->schedule, turn);
    } else if (agent && c->schedule.turns.n == 1) { /* no other sweep could use the slot */
        if (turn->asked == 0)
            schedule_touch(&c->schedule, turn);
        return false;
    } else if (agent) {
        place_keep(p, turn, agent);
    } else {
        /* MUTANT no-starving: !place_hold(p, turn, class) => true */
        if (!place_hold(p, turn, class) && class->able_n > 0) {
            p->earlier =
                mem_grow(p->earlier, &p->earlier_cap, p->earlier_n + 1, sizeof *p->earlier);
            p->earlier[p->earlier_n++] = class;
        }
        schedule_set_aside(&c->schedule, turn);
    }
    return true;
}

void controller_place(struct controller *c, const struct event *ev, struct effects *out)
{
    struct placing p = {.c = c, .ev = ev, .out = out};
    struct schedule_sweep *turn;
    do {
        p.freed = false;
        p.earlier_n = 0;
        while (place_step(&p))
            continue;
        fleet_give_back(&c->fleet);
        while ((turn = schedule_next_aside(&c->schedule)) != NULL)
            controller_place_turn(c, turn);
        /* MUTANT freed: p.freed => false */
    } while (p.freed);
    mem_free(p.earlier);
}
