/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/waits.h"

#include <inttypes.h>
#include <string.h>

#include "orchestrator/core/controller/place/controller_bar.h"
#include "orchestrator/core/controller/place/controller_elsewhere.h"
#include "orchestrator/core/controller/place/controller_room.h"

static const char *plural_s(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* The most that one of the agents has that are connected and have the labels. */
struct most {
    uint64_t agents, gpus, cpus, memory;
};

static struct most waits_most(const struct controller *c, const struct fleet_need *need)
{
    struct most most = {0};
    void *value;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);) {
        const struct fleet_agent *agent = value;
        uint64_t gpus = (uint64_t)agent->offered_gpus * agent->each;
        if (!fleet_agent_has_labels(agent, need))
            continue;
        most.agents++;
        most.gpus = gpus > most.gpus ? gpus : most.gpus;
        uint64_t cpus = agent->cpus ? agent->cpus : UINT64_MAX;
        uint64_t memory = agent->memory ? agent->memory : UINT64_MAX;
        most.cpus = cpus > most.cpus ? cpus : most.cpus;
        most.memory = memory > most.memory ? memory : most.memory;
    }
    return most;
}

static const char *waits_memory(uint64_t bytes, struct arena *a)
{
    return arena_printf(a, "%.4g GiB", (double)bytes / (1 << 30));
}

/* Why an agent with the labels, which could hold such a trial, does not offer a slot at present;
 * NULL: there is none. */
static const char *waits_withdrawn(const struct controller *c, const struct fleet_need *need,
                                   struct arena *a)
{
    void *value;
    for (size_t at = 0; map_next(&c->fleet.links, &at, &value);) {
        const struct fleet_agent *agent = value;
        uint32_t places = agent->places_n;
        if (places < fleet_agent_slots_for(agent, need) || !fleet_agent_has_labels(agent, need))
            continue;
        if (agent->duty == DUTY_CORDONED)
            return arena_printf(a, "agent %s is cordoned; to undo it: besom uncordon %s",
                                agent->name, agent->name);
        if (agent->duty != DUTY_UP)
            return arena_printf(a, "agent %s is %s", agent->name, duty_name(agent->duty));
        for (uint32_t i = 0; i < places; i++)
            if (agent->places[i].why)
                return arena_printf(a, "agent %s: %s", agent->name, agent->places[i].why);
    }
    return NULL;
}

static const char *waits_labels(const struct fleet_need *need, struct arena *a)
{
    const char *text = "no agent has the label";
    if (need->labels->list.n > 1)
        text = "no agent has the labels";
    for (size_t i = 0; i < need->labels->list.n; i++)
        text = arena_printf(a, "%s%s %s", text, i ? "," : "", need->labels->list.items[i]->s.ptr);
    return text;
}

/* No agent that is connected could hold such a trial. */
static const char *waits_impossible(const struct controller *c, const struct fleet_need *need,
                                    struct arena *a)
{
    struct most most = waits_most(c, need);
    const char *withdrawn = waits_withdrawn(c, need, a);
    if (c->fleet.links.live == 0)
        return "no agent is connected";
    if (most.agents == 0)
        return waits_labels(need, a);
    if (most.cpus < need->cpus)
        return arena_printf(a, "no agent has %" PRIu64 " cores: the largest has %" PRIu64,
                            need->cpus, most.cpus);
    if (most.memory < need->memory)
        return arena_printf(a, "no agent has %s of memory: the largest has %s",
                            waits_memory(need->memory, a), waits_memory(most.memory, a));
    if (withdrawn)
        return withdrawn;
    if (need->gpus > 0 && most.gpus < (uint64_t)need->gpus)
        return arena_printf(a, "no agent has %" PRId64 " GPU%s: the largest has %" PRIu64,
                            need->gpus, plural_s((uint64_t)need->gpus), most.gpus);
    return need->gpus > 0 || need->cpus > 0 || need->memory > 0 ? "no agent has all that it needs"
                                                                : "no agent has a slot";
}

/* Trials that run of sweeps with a higher priority, or of any sweep. */
static uint64_t waits_running(const struct controller *c, const struct book_sweep *than)
{
    uint64_t n = 0;
    void *value;
    for (size_t at = 0; map_next(&c->books.sweeps, &at, &value);) {
        const struct book_sweep *s = value;
        if (!than || s->spec->priority > than->spec->priority)
            n += s->counts[TRIAL_RUNNING];
    }
    return n;
}

static const char *waits_for_slot(const struct controller *c, const struct schedule_sweep *turn,
                                  const struct book_sweep *s, const struct fleet_class *class,
                                  struct arena *a)
{
    const struct fleet_agent *held = fleet_held(&c->fleet, s->id);
    uint64_t before = waits_running(c, s), all = waits_running(c, NULL);
    if (held)
        return arena_printf(a, "%u slot%s of agent %s %s being kept for it: %u %s free",
                            fleet_agent_slots_for(held, &class->need),
                            plural_s(fleet_agent_slots_for(held, &class->need)), held->name,
                            fleet_agent_slots_for(held, &class->need) == 1 ? "is" : "are",
                            held->free_n, held->free_n == 1 ? "is" : "are");
    if (class->room_n > 0 && c->fleet.held.live + c->schedule.sweeps.live > 1)
        return "a free slot is being kept for a sweep that comes first";
    if (before > 0)
        return arena_printf(a, "%" PRIu64 " trial%s of sweeps with a higher priority %s first",
                            before, plural_s(before), before == 1 ? "runs" : "run");
    if (all > s->counts[TRIAL_RUNNING])
        return arena_printf(a,
                            "for a free slot: its sweep has %" PRIu64 " of %" PRIu64
                            " slots, other sweeps have the rest",
                            turn->slots, c->fleet.slots_n);
    return "for a free slot";
}

/* Why no trial of a running sweep is launched now. */
static const char *waits_of(const struct controller *c, const struct schedule_sweep *turn,
                            const struct book_sweep *s, struct arena *a)
{
    const struct fleet_need need = fleet_need_of(s->spec);
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    uint64_t running = s->counts[TRIAL_RUNNING];
    const char *barred = controller_bar_of_sweep(turn, a), *text;
    if (s->fault)
        return "this version of besom cannot read the spec of its sweep";
    if (!turn->admitted)
        return "this process does not run its sweep: continue it with besom run";
    if (c->draining)
        return "besom is stopping";
    if (s->spec->max_parallel > 0 && running >= (uint64_t)s->spec->max_parallel)
        return arena_printf(a, "max_parallel: %" PRIu64 " trial%s of its sweep run%s already",
                            running, plural_s(running), running == 1 ? "s" : "");
    if (running >= controller_room_parallel(turn, s))
        return "this process runs no more trials of its sweep, as its --count says";
    if (!class || class->able_n == 0)
        text = waits_impossible(c, class ? &class->need : &need, a);
    else
        text = waits_for_slot(c, turn, s, class, a);
    return barred ? arena_printf(a, "%s; %s", text, barred) : text;
}

static bool trial_is_before(const struct book_trial *x, const struct book_trial *y)
{
    bool x_asked = x->cursor == STRATEGY_ENQUEUED, y_asked = y->cursor == STRATEGY_ENQUEUED;
    return x_asked != y_asked ? x_asked : x->number < y->number;
}

/* Of a trial that an agent has, and has not started yet. */
static const char *waits_at_agent(const struct controller *c, const struct book_trial *t,
                                  struct arena *a)
{
    const struct fleet_agent *agent = fleet_find(&c->fleet, t->attempt.agent);
    if (!agent || !agent->link || !agent->slots[t->attempt.slot].waits)
        return NULL;
    return arena_printf(a, "%s (agent %s)", agent->slots[t->attempt.slot].waits, agent->name);
}

static const char *waits_of_running(const struct controller *c, const struct book_trial *t,
                                    struct arena *a)
{
    const struct fleet_agent *agent = fleet_find(&c->fleet, t->attempt.agent);
    return agent && agent->link
               ? waits_at_agent(c, t, a)
               : arena_printf(a, "agent %s is away: this trial runs again if it does not come back",
                              t->attempt.agent);
}

/* Of a sweep whose running trials all wait at their agents: what the first of them waits for. */
static const char *waits_all(const struct controller *c, const struct book_sweep *s,
                             struct arena *a)
{
    const char *first = NULL;
    void *value;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        const char *text = t->state == TRIAL_RUNNING ? waits_at_agent(c, t, a) : NULL;
        if (t->state == TRIAL_RUNNING && !text)
            return NULL;
        first = first ? first : text;
    }
    return first;
}

const char *waits_trial(const struct controller *c, const char *sweep, uint64_t number,
                        struct arena *a)
{
    const struct book_sweep *s = books_sweep(&c->books, sweep);
    const struct book_trial *t = s ? books_trial(s, number) : NULL;
    uint64_t before = 0;
    void *value;
    if (t && t->state == TRIAL_RUNNING)
        return waits_of_running(c, t, a);
    if (!t || t->state != TRIAL_PENDING)
        return NULL;
    if (s->state != SWEEP_RUNNING)
        return arena_printf(a, "its sweep is %s%s%s", sweep_states[s->state].name,
                            s->text ? ": " : "", s->text ? s->text : "");
    const struct schedule_sweep *turn = schedule_find(&c->schedule, sweep);
    const char *text = waits_of(c, turn, s, a), *failed_on;
    if (turn->class && controller_room_trials(c, turn, s) > 0 &&
        (failed_on = controller_elsewhere_why(c, turn, s, t, a)) != NULL)
        return arena_printf(a, "for an agent other than %s", failed_on);
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *other = value;
        before += other->state == TRIAL_PENDING && trial_is_before(other, t);
    }
    return before == 0 ? text
                       : arena_printf(a, "%s; %" PRIu64 " trial%s of its sweep come%s before it",
                                      text, before, plural_s(before), before == 1 ? "s" : "");
}

/* All trials that run are on agents that are not connected. */
static const char *waits_for_agents(const struct controller *c, const struct book_sweep *s,
                                    struct arena *a)
{
    const char *first = NULL;
    bool several = false;
    void *value;
    for (size_t at = 0; map_next(&s->open, &at, &value);) {
        const struct book_trial *t = value;
        const char *name = t->attempt.agent;
        if (t->state != TRIAL_RUNNING)
            continue;
        const struct fleet_agent *agent = fleet_find(&c->fleet, name);
        if (agent && agent->link)
            return NULL;
        several |= first && strcmp(first, name) != 0;
        first = name;
    }
    return arena_printf(a, "agent %s%s away: %s trials run again if %s not come back", first,
                        several ? " and others are" : " is", several ? "their" : "its",
                        several ? "they do" : "it does");
}

const char *waits_sweep(const struct controller *c, const char *sweep, struct arena *a)
{
    const struct book_sweep *s = books_sweep(&c->books, sweep);
    const struct schedule_sweep *turn = schedule_find(&c->schedule, sweep);
    if (!s || s->state != SWEEP_RUNNING)
        return NULL;
    const char *text = s->counts[TRIAL_RUNNING] > 0 ? waits_all(c, s, a) : NULL;
    if (s->counts[TRIAL_RUNNING] > 0)
        return text ? text : waits_for_agents(c, s, a);
    if (turn->asked > 0 && turn->ready_n + s->counts[TRIAL_PENDING] == 0)
        return "its next configuration is being computed";
    return waits_of(c, turn, s, a);
}

const char *waits_stuck(const struct controller *c, const char *sweep, struct arena *a)
{
    const struct book_sweep *s = books_sweep(&c->books, sweep);
    const struct schedule_sweep *turn = schedule_find(&c->schedule, sweep);
    if (!s || s->state != SWEEP_RUNNING || s->counts[TRIAL_RUNNING] > 0 || !turn->admitted ||
        c->draining || (c->fleet.links.live == 0 && c->fleet.names.live > 0))
        return NULL;
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    bool able = class && class->able_n > 0;
    bool thinks = turn->asked > 0 && turn->ready_n + s->counts[TRIAL_PENDING] == 0;
    return s->fault || (!able && !thinks) ? waits_of(c, turn, s, a) : NULL;
}
