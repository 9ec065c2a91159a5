/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What each trial of a sweep needs of an agent, by `resources` of its spec. */
#include "base/buf.h"
#include "language/spec.h"

struct fleet_need {
    int64_t gpus;               /* so many, all of one agent; 0: none; -1: whatever the slot has */
    uint64_t cpus, memory;      /* 0: not named */
    const struct value *labels; /* the agent must have all of these texts; NULL: none */
    const struct value
        *barred; /* dict: agents that cannot start such trials, and why; NULL: none */
};

struct fleet_need fleet_need_of(const struct spec *spec);
uint32_t fleet_need_slots(const struct fleet_need *n);
/* Whether any slot that becomes free on an agent that can hold it will do. If not, an agent must be
 * kept for it, since what becomes free bit by bit would go to smaller trials. */
bool fleet_need_is_small(const struct fleet_need *n);
/* A text that is the same for the same needs. */
void fleet_need_print(struct buf *out, const struct fleet_need *n);
