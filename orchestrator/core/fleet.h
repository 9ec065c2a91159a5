/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The fleet: agents by name and by link, the attempt on each of their slots, which agent has a
 * free slot, and which one has been away for too long. An index over the books and the links: it
 * need not be stored, and no function visits all agents. Decides nothing. */
#include "base/heap.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/value.h"

struct fleet_slot { /* the attempt that runs on it */
    char sweep[16]; /* "": none */
    uint64_t trial;
};

struct fleet_agent {
    char name[64];
    uint64_t instance; /* of the process that joined last */
    uint32_t link;     /* 0: away */
    int64_t away_ms;   /* since when it is away */
    uint64_t joined;   /* a counter: among equals the first to join comes first */
    uint32_t offered;  /* how many of `offers` may be given a trial */
    uint32_t taken_n;  /* slots with an attempt, those beyond the offered ones among them */
    uint32_t free_n;   /* offered slots without an attempt */
    uint32_t counted_slots, counted_free; /* its part of the fleet's sums */
    struct fleet_slot *slots;
    size_t slots_n, slots_cap;
    struct value *offers; /* list of dicts, one a slot, as the agent described them; one that has
                             `why` is not offered, for that reason */
    struct arena kept;    /* the data of `offers` */
    struct map told;      /* ids of the sweeps that this link was told of -> the agent; not the
                             agent: of a spec before an edit */
    struct heap_item room, away;
};

struct fleet {
    struct map names;         /* name -> struct fleet_agent * */
    struct map links;         /* link -> struct fleet_agent * */
    struct heap room, away;   /* agents with a free slot; agents that are away, the longest first */
    uint64_t slots_n, free_n; /* slots of the agents that are there; those that are free */
    uint64_t joined;
};

void fleet_init(struct fleet *f);
void fleet_done(struct fleet *f);
struct fleet_agent *fleet_find(const struct fleet *f, const char *name);
struct fleet_agent *fleet_of_link(const struct fleet *f, uint32_t link); /* NULL if none */
/* The agent of that name; an unknown one is added, as away since then. */
struct fleet_agent *fleet_agent(struct fleet *f, const char *name, int64_t away_ms);
/* The agent has connected on this link, with these slots (a list of dicts); its attempts stay. Its
 * old link, if any, is no longer its own. */
void fleet_join(struct fleet *f, struct fleet_agent *a, uint32_t link, uint64_t instance,
                const struct value *offers);
/* The agent, which is connected, describes its slots again. */
void fleet_offer(struct fleet *f, struct fleet_agent *a, const struct value *offers);
void fleet_leave(struct fleet *f, struct fleet_agent *a, int64_t away_ms);
/* Forgets an agent that is away and runs nothing. */
void fleet_drop(struct fleet *f, struct fleet_agent *a);

/* Whether the agent offers this slot now. */
bool fleet_is_offered(const struct fleet_agent *a, uint32_t slot);
/* Whether an attempt can be put on this slot: it exists and holds no other attempt. */
bool fleet_is_free(const struct fleet_agent *a, uint32_t slot);
void fleet_take(struct fleet *f, struct fleet_agent *a, uint32_t slot, const char *sweep,
                uint64_t trial);
void fleet_free(struct fleet *f, struct fleet_agent *a, uint32_t slot);
/* The agent to give the next trial to, the one with the largest part of its slots free; NULL where
 * every slot is taken. Its lowest free slot. */
struct fleet_agent *fleet_with_room(const struct fleet *f);
uint32_t fleet_free_slot(const struct fleet_agent *a);
/* The agent that has been away for longest; NULL where none is away. */
struct fleet_agent *fleet_away(const struct fleet *f);
/* The link must be told of the sweep again. */
void fleet_tell_again(struct fleet_agent *a, const char *sweep);
