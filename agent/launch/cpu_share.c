/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/launch/cpu_share.h"

#include <inttypes.h>
#include <sched.h>

void cpu_share_init(struct cpu_share *s, uint32_t shares)
{
    cpu_set_t set;
    *s = (struct cpu_share){.shares = shares};
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (size_t i = 0; i < CPU_SETSIZE && s->n < CPU_SHARE_MAX; i++)
        if (CPU_ISSET(i, &set))
            s->cpus[s->n++] = (uint16_t)i;
}

static void list_print(struct buf *list, const uint16_t *cpus, uint32_t n)
{
    for (uint32_t i = 0, last; i < n; i = last + 1) {
        for (last = i; last + 1 < n && cpus[last + 1] == cpus[last] + 1;)
            last++;
        buf_addf(list, "%s%u", i ? "," : "", cpus[i]);
        if (last > i)
            buf_addf(list, "-%u", cpus[last]);
    }
}

uint32_t cpu_share_of(const struct cpu_share *s, uint32_t slot, struct buf *list)
{
    if (s->shares <= 1 || s->n == 0)
        return 0;
    if (s->n < s->shares)
        return 1;
    uint32_t place = slot % s->shares;
    uint32_t from = (uint32_t)((uint64_t)place * s->n / s->shares);
    uint32_t to = (uint32_t)(((uint64_t)place + 1) * s->n / s->shares);
    list_print(list, s->cpus + from, to - from);
    return to - from;
}

uint32_t cpu_share_pick(const struct cpu_share *s, uint64_t wanted, uint16_t *users,
                        struct buf *list)
{
    uint16_t picked[CPU_SHARE_MAX];
    uint32_t n = 0;
    if (wanted >= s->n)
        return s->n;
    for (uint16_t least = 0; n < wanted; least++)
        for (uint32_t i = 0; i < s->n && n < wanted; i++)
            if (users[i] == least) {
                picked[n++] = (uint16_t)i;
                users[i] = UINT16_MAX;
            }
    n = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (users[i] == UINT16_MAX)
            picked[n++] = s->cpus[i];
    list_print(list, picked, n);
    return n;
}
