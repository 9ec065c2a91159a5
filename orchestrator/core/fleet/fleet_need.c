/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_need.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

static const uint64_t count_max = UINT64_C(1) << 53; /* that a message can carry */

struct fleet_need fleet_need_of(const struct spec *spec)
{
    uint64_t cpus = (uint64_t)spec->resources.cpus, memory = spec->resources.memory_bytes;
    return (struct fleet_need){.gpus = spec->resources.gpus,
                               .cpus = cpus < count_max ? cpus : count_max,
                               .memory = memory < count_max ? memory : count_max,
                               .labels = spec->resources.labels};
}

uint32_t fleet_need_slots(const struct fleet_need *n)
{
    if (n->gpus <= 1)
        return 1;
    return n->gpus < LIMIT_SLOTS ? (uint32_t)n->gpus : LIMIT_SLOTS + 1;
}

bool fleet_need_is_small(const struct fleet_need *n)
{
    return n->gpus <= 1 && n->cpus == 0 && n->memory == 0;
}

void fleet_need_print(struct buf *out, const struct fleet_need *n)
{
    buf_addf(out, "%" PRId64 " %" PRIu64 " %" PRIu64, n->gpus, n->cpus, n->memory);
    for (size_t i = 0; n->labels && i < n->labels->list.n; i++)
        buf_addf(out, " %zu:%s", n->labels->list.items[i]->s.len, n->labels->list.items[i]->s.ptr);
    for (size_t i = 0; n->barred && i < n->barred->dict.n; i++)
        buf_addf(out, " -%zu:%s", strlen(n->barred->dict.entries[i].key),
                 n->barred->dict.entries[i].key);
}
