/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agents in the order in which trials of one size are given to them. All sweeps whose trials
 * need the same share a class, so a change of an agent costs O(log n) for each size, not for each
 * sweep. An index over the agents. */
#include "orchestrator/core/fleet/fleet_agent.h"

struct fleet_class {
    uint32_t number, sweeps; /* from 1; how many sweeps use it */
    struct fleet_need need;
    struct arena kept;   /* the data of `need` */
    struct heap fits;    /* seats of agents that have room for such a trial now */
    struct heap waiting; /* of agents that could hold one and have no room for it */
    uint64_t room_n;     /* trials that fit now */
    uint64_t able_n;     /* agents that could hold one */
};

struct fleet_class *fleet_class_new(uint32_t number, const struct fleet_need *need);
void fleet_class_free(struct fleet_class *c); /* its seats have been left */
/* Brings the seat of the agent up to date. An agent that is away, or kept for a sweep, gets no
 * trial. */
void fleet_class_seat(struct fleet_class *c, struct fleet_agent *a);
void fleet_class_leave(struct fleet_class *c, struct fleet_agent *a);
/* The agent to give the next trial to, the one with the largest part of its slots free; NULL where
 * none has room. */
struct fleet_agent *fleet_class_first(const struct fleet_class *c);
/* The same, but not this agent. */
struct fleet_agent *fleet_class_other(struct fleet_class *c, const struct fleet_agent *than);
/* The agent that comes closest to having room, and could hold no trial of `others`. It gives up
 * after a few tries. NULL where there is none. */
struct fleet_agent *fleet_class_nearest(struct fleet_class *c, struct fleet_class *const *others,
                                        size_t others_n);
