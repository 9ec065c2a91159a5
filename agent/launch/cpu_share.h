/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which processors the training of a slot gets if several run at once: each gets its share of the
 * processors that this process may use, so that they do not slow each other down. */
#include <stdint.h>
#include "base/buf.h"

enum { CPU_SHARE_MAX = 1024 }; /* processors above that are ignored */

struct cpu_share {
    uint32_t shares; /* trainings at once; at most 1: nothing is shared */
    uint32_t n;
    uint16_t cpus[CPU_SHARE_MAX]; /* that this process may use, ascending */
};

void cpu_share_init(struct cpu_share *s, uint32_t shares);
/* Returns how many processors the slot has, at least 1, and writes them to `list`, as in 0-3,8; ""
 * if there are too few to divide. 0: nothing is shared. */
uint32_t cpu_share_of(const struct cpu_share *s, uint32_t slot, struct buf *list);
/* The same for a training that was granted `wanted` processors: those with the fewest users. users:
 * how many trainings each of s->cpus has, UINT16_MAX for those that are picked. "" if it gets all. */
uint32_t cpu_share_pick(const struct cpu_share *s, uint64_t wanted, uint16_t *users,
                        struct buf *list);
