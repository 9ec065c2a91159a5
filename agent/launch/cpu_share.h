/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which processors the training of a slot gets, where several run side by side: each its share of
 * those that this process may use, so that they do not hinder one another. */
#include <stdint.h>
#include "base/buf.h"

enum { CPU_SHARE_MAX = 1024 }; /* processors beyond are not looked at */

struct cpu_share {
    uint32_t shares; /* trainings at once; at most 1: nothing is shared */
    uint32_t n;
    uint16_t cpus[CPU_SHARE_MAX]; /* that this process may use, ascending */
};

void cpu_share_init(struct cpu_share *s, uint32_t shares);
/* How many processors the slot has, at least 1, and into `list` which, as 0-3,8; "" where they are
 * too few to part. 0: nothing is shared. */
uint32_t cpu_share_of(const struct cpu_share *s, uint32_t slot, struct buf *list);
