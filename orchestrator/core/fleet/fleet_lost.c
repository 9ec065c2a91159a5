/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_lost.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

void fleet_lost_init(struct fleet_lost *l)
{
    map_init(&l->names);
}

void fleet_lost_done(struct fleet_lost *l)
{
    void *agent;
    for (size_t at = 0; map_next(&l->names, &at, &agent);)
        mem_free(agent);
    map_done(&l->names);
}

const struct fleet_lost_agent *fleet_lost_find(const struct fleet_lost *l, const char *name)
{
    return map_find(&l->names, name, strlen(name));
}

void fleet_lost_add(struct fleet_lost *l, const char *name, int64_t seen_ms, bool before)
{
    struct fleet_lost_agent *agent = mem_alloc(sizeof *agent);
    size_t len = strlen(name), at = 0;
    void *oldest;
    PRE(len < sizeof agent->name);
    memcpy(agent->name, name, len + 1);
    agent->seen_ms = seen_ms;
    agent->before = before;
    fleet_lost_drop(l, name);
    map_put(&l->names, name, len, agent);
    if (l->names.live > FLEET_LOST_MAX && map_next(&l->names, &at, &oldest))
        fleet_lost_drop(l, ((const struct fleet_lost_agent *)oldest)->name);
}

void fleet_lost_drop(struct fleet_lost *l, const char *name)
{
    mem_free(map_remove(&l->names, name, strlen(name)));
}
