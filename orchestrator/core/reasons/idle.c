/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/reasons/idle.h"

#include <inttypes.h>

#include "orchestrator/core/controller/place/controller_room.h"

/* The greater, the more it tells. */
enum idle_kind { IDLE_ENDING, IDLE_PAUSED, IDLE_UNFIT, IDLE_LIMIT, IDLE_ASKING, IDLE_STARTING };

struct idle_reason {
    enum idle_kind kind;
    const char *sweep; /* NULL: none was found */
};

static bool sweep_fits(const struct controller *c, const struct schedule_sweep *turn,
                       const struct fleet_agent *agent)
{
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    return !class || fleet_agent_can_hold(agent, &class->need);
}

static enum idle_kind sweep_kind(const struct controller *c, const struct book_sweep *s,
                                 const struct fleet_agent *agent)
{
    const struct schedule_sweep *turn = schedule_find(&c->schedule, s->id);
    if (s->state == SWEEP_PAUSED)
        return IDLE_PAUSED;
    if (!turn || s->counts[TRIAL_PENDING] + turn->ready_n + controller_room_proposals(turn, s) == 0)
        return IDLE_ENDING;
    if (!sweep_fits(c, turn, agent))
        return IDLE_UNFIT;
    if (s->spec->max_parallel > 0 && s->counts[TRIAL_RUNNING] >= (uint64_t)s->spec->max_parallel)
        return IDLE_LIMIT;
    if (s->counts[TRIAL_PENDING] + turn->ready_n > 0)
        return IDLE_STARTING;
    if (turn->asked > 0)
        return IDLE_ASKING;
    return IDLE_ENDING;
}

static const char *reason_text(const struct idle_reason *r, struct arena *a)
{
    switch (r->kind) {
    case IDLE_UNFIT:
        return arena_printf(a, "the trials of sweep %s need another kind of agent", r->sweep);
    case IDLE_ENDING:
        return arena_printf(a, "sweep %s has no further trial to start now", r->sweep);
    case IDLE_PAUSED:
        return arena_printf(a, "sweep %s is paused", r->sweep);
    case IDLE_LIMIT:
        return arena_printf(a, "sweep %s runs as many trials as its max_parallel allows", r->sweep);
    case IDLE_ASKING:
        return arena_printf(a, "the next configuration of sweep %s is being computed", r->sweep);
    case IDLE_STARTING:
        return arena_printf(a, "the next trial of sweep %s does not fit beside those that run",
                            r->sweep);
    }
    return NULL;
}

const char *idle_agent(const struct controller *c, const struct fleet_agent *agent, struct arena *a)
{
    struct idle_reason best = {0};
    void *value;
    int asked = 0;
    if (!agent->link)
        return "its agent is away";
    if (agent->leaving)
        return "its agent is about to end";
    if (agent->duty != DUTY_UP)
        return arena_printf(a, "its agent is %s", duty_name(agent->duty));
    if (agent->held_for[0])
        return arena_printf(a, "kept for sweep %s, whose next trial needs more slots",
                            agent->held_for);
    for (size_t at = 0; asked < IDLE_SWEEPS_MAX && map_next(&c->books.sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        if (s->fault || (s->state != SWEEP_RUNNING && s->state != SWEEP_PAUSED))
            continue;
        asked++;
        enum idle_kind kind = sweep_kind(c, s, agent);
        if (!best.sweep || kind > best.kind)
            best = (struct idle_reason){kind, s->id};
    }
    return best.sweep ? reason_text(&best, a) : "no sweep is running";
}

const char *idle_slot(const struct fleet_agent *agent, uint32_t slot, const char *of_agent,
                      struct arena *a)
{
    const struct fleet_place *place =
        agent->link && slot < agent->places_n ? &agent->places[slot] : NULL;
    if (!fleet_agent_slot_is_free(agent, slot))
        return NULL;
    if (place && place->why)
        return arena_strdup(a, place->why);
    if (agent->link && agent->duty == DUTY_UP && !agent->leaving && place &&
        !fleet_agent_slot_is_open(agent, slot))
        return "a trial on another slot has its GPU";
    return of_agent;
}
