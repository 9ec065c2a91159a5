/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_lines.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct fleet_lines_agent {
    char name[FLEET_LINES_NAME_BYTES];
    int64_t first_ms; /* when its first line was printed */
    uint32_t n, left_out;
};

void fleet_lines_init(struct fleet_lines *l)
{
    map_init(&l->names);
    l->over_ms = INT64_MAX;
}

void fleet_lines_done(struct fleet_lines *l)
{
    void *agent;
    for (size_t at = 0; map_next(&l->names, &at, &agent);)
        mem_free(agent);
    map_done(&l->names);
}

static struct fleet_lines_agent *lines_oldest(const struct fleet_lines *l)
{
    void *agent;
    size_t at = 0;
    return map_next(&l->names, &at, &agent) ? agent : NULL;
}

static void lines_set_over(struct fleet_lines *l)
{
    const struct fleet_lines_agent *oldest = lines_oldest(l);
    l->over_ms = oldest ? oldest->first_ms + FLEET_LINES_MS : INT64_MAX;
}

bool fleet_lines_may(struct fleet_lines *l, const char *name, int64_t now_ms)
{
    size_t len = strlen(name);
    struct fleet_lines_agent *agent = map_find(&l->names, name, len);
    if (!agent) {
        agent = mem_alloc(sizeof *agent);
        PRE(len < sizeof agent->name);
        memcpy(agent->name, name, len + 1);
        agent->first_ms = now_ms;
        map_put(&l->names, name, len, agent);
        lines_set_over(l);
    }
    if (agent->n < FLEET_LINES_MAX) {
        agent->n++;
        return true;
    }
    agent->left_out += agent->left_out < UINT32_MAX;
    return false;
}

bool fleet_lines_end(struct fleet_lines *l, int64_t now_ms, char ret_name[FLEET_LINES_NAME_BYTES],
                     uint32_t *ret_left_out)
{
    if (now_ms < l->over_ms)
        return false;
    struct fleet_lines_agent *agent = lines_oldest(l);
    memcpy(ret_name, agent->name, sizeof agent->name);
    *ret_left_out = agent->left_out;
    map_remove(&l->names, agent->name, strlen(agent->name));
    mem_free(agent);
    lines_set_over(l);
    return true;
}
