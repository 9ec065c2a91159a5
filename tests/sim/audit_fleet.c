/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is held of agents: no slot, core, byte or GPU is given out twice, every trial gets what it
 * needs, and none that needs much is passed over for good. */
#include <string.h>

#include "base/check.h"
#include "tests/sim/audit.h"
#include "tests/sim/audit_state.h"
#include "tests/sim/host.h"
#include "tests/sim/offers.h"
#include "tests/sim/server.h"
#include "tests/sim/store.h"

enum { SLOTS_MAX = 64, GPUS_MAX = 8 };

struct holdings { /* of the running attempts of one agent, in the durable books */
    int slots[SLOTS_MAX], gpus[GPUS_MAX];
    uint64_t cpus, memory;
};

static void holdings_add(struct sim *s, struct holdings *all, const struct book_attempt *at)
{
    struct arena a;
    struct grant g;
    arena_init(&a);
    if (!grant_parse(&a, at->slot, at->grant, &g))
        sim_fail(s, "a grant cannot be read: %s", at->grant);
    for (uint32_t i = 0; i < g.slots_n; i++)
        if (g.slots[i] < SLOTS_MAX)
            all->slots[g.slots[i]]++;
    for (uint32_t i = 0; i < g.gpus_n; i++) {
        int gpu = g.gpus[i][1] - '0';
        check(gpu >= 0 && gpu < GPUS_MAX);
        all->gpus[gpu]++;
    }
    all->cpus += g.cpus;
    all->memory += g.memory;
    arena_done(&a);
}

static struct holdings holdings_of(struct sim *s, const char *agent)
{
    struct holdings all = {0};
    void *trial;
    for (int i = 0; i < s->options.sweeps; i++) {
        const struct book_sweep *book = books_sweep(&s->store->durable, s->sweeps[i].id);
        for (size_t at = 0; book && map_next(&book->open, &at, &trial);) {
            const struct book_trial *t = trial;
            if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0)
                holdings_add(s, &all, &t->attempt);
        }
    }
    return all;
}

static void grant_suits(struct sim *s, const struct sweep *w, const struct fact *f)
{
    struct arena a;
    struct grant g;
    arena_init(&a);
    bool good = grant_read(&a, f->slot, f->grant, &g);
    uint32_t slots = w->gpus > 1 ? (uint32_t)w->gpus : 1;
    if (good)
        good = g.slots_n == slots && g.cpus == (uint64_t)w->cpus &&
               g.memory == (uint64_t)w->memory_gib << 30 &&
               (w->gpus < 0 || g.gpus_n == (uint32_t)w->gpus);
    for (uint32_t i = 0; good && i < g.gpus_n; i++)
        for (uint32_t k = 0; k < i; k++)
            good = good && strcmp(g.gpus[i], g.gpus[k]) != 0;
    if (!good)
        sim_fail(s, "%s-%llu got what it does not need", f->sweep, (unsigned long long)f->trial);
    arena_done(&a);
}

/* What agents say of their hosts is theirs, and not from the future. */
static void loads_are_sound(struct sim *s)
{
    void *value;
    for (size_t at = 0; map_next(&s->server->core.fleet.names, &at, &value);) {
        const struct fleet_agent *agent = value;
        const struct value *disk = value_get(agent->load, "disk");
        if (agent->load && (value_get_int(disk, "total", 0) != HOST_DISK_BYTES ||
                            value_get_int(disk, "free", 0) > s->now))
            sim_fail(s, "agent %s has told of another disk", agent->name);
    }
}

void audit_fleet_launched(struct sim *s, const struct fact *f)
{
    loads_are_sound(s);
    const struct sweep *w = sweeps_find(s, f->sweep);
    const struct host *h = NULL;
    for (int i = 0; i < s->options.agents; i++)
        if (strcmp(s->hosts[i].name, f->agent) == 0)
            h = &s->hosts[i];
    check(h && w);
    struct holdings all = holdings_of(s, f->agent);
    for (int i = 0; i < SLOTS_MAX; i++)
        if (all.slots[i] > 1)
            sim_fail(s, "slot %d of %s is given out twice", i, f->agent);
    if (!s->options.sizes)
        return;
    grant_suits(s, w, f);
    for (int i = 0; i < GPUS_MAX; i++)
        if (all.gpus[i] > offers_share(s, h))
            sim_fail(s, "GPU %d of %s is given out %d times", i, f->agent, all.gpus[i]);
    if (all.cpus > (uint64_t)offers_cpus(h) || all.memory > (uint64_t)offers_memory_gib(h) << 30)
        sim_fail(s, "%s runs more than it has cores or memory for", f->agent);
    if (w->label && !offers_label(h))
        sim_fail(s, "%s does not have the label that %s needs", f->agent, w->id);
    if (!w->label && offers_only(h))
        sim_fail(s, "%s is dedicated, and %s is not for it", f->agent, w->id);
}

/* Of sweeps whose trial fits nowhere, the one of the highest priority has an agent kept for it, if
 * there is one that could hold it. */
void audit_fleet_keeps(struct sim *s, const struct sweep *w, int highest_other)
{
    const struct controller *c = &s->server->core;
    const struct schedule_sweep *turn = schedule_find(&c->schedule, w->id);
    const struct fleet_class *class = fleet_class_find(&c->fleet, turn->class);
    void *value;
    if (!class || class->room_n > 0 || fleet_need_is_small(&class->need) ||
        w->priority <= highest_other || c->fleet.free_n == 0 || fleet_held(&c->fleet, w->id))
        return;
    for (size_t at = 0; map_next(&c->fleet.names, &at, &value);)
        if (fleet_agent_can_hold(value, &class->need))
            sim_fail(s, "no agent is kept for %s, which comes first and fits nowhere", w->id);
}
