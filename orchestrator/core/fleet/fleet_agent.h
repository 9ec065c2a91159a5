/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One agent: the slots, GPUs, cores, memory and labels that it offers, the attempt on each of its
 * slots, and what is free. Must not know other agents or links. */
#include "base/heap.h"
#include "base/limits.h"
#include "base/map.h"
#include "orchestrator/core/fleet/fleet_deaths.h"
#include "orchestrator/core/fleet/fleet_need.h"
#include "orchestrator/core/grant.h"
#include "sweep/duty.h"
#include "sweep/trust/credential.h"

struct fleet_slot { /* the attempt that runs on it */
    char sweep[16]; /* "": none */
    uint64_t trial;
    /* On the first slot of the attempt: how many it has, and what else it holds. */
    uint32_t slots_n;
    uint64_t cpus, memory;
    char *gpus;  /* ids, each between line ends; NULL: none */
    char *waits; /* what it waits for before it starts, as its agent says; NULL: nothing */
};

struct fleet_gpu { /* the GPUs of one slot, most often one; other slots may share them */
    const struct value *ids;
    uint32_t slots_n; /* slots of them that are offered */
    uint32_t taken_n; /* attempts that hold one of them */
    uint32_t free_n;  /* slots of them that can be given to an attempt */
};

struct fleet_place {            /* a slot as it was described */
    int32_t gpu;                /* in `gpus`; -1: none */
    bool none;                  /* its attempts see none of the host's GPUs */
    const char *index, *vendor; /* NULL: not said */
    uint32_t share;             /* slots that share the GPUs, at least 1 */
    const char *why;            /* it is not offered, for this reason; NULL: it is */
};

struct fleet_seat; /* fleet_class.h */

struct fleet_agent {
    char name[64];
    uint64_t instance;                        /* of the process that joined last */
    uint32_t link;                            /* 0: away */
    char credential[CREDENTIAL_ID_CHARS + 1]; /* of its link; "": none */
    int64_t renew_ms;                         /* since 1970: when it is next asked to renew that */
    bool heard;          /* by this process; if not, it was last heard from before away_ms */
    int64_t away_ms;     /* since when it is away */
    enum duty duty;      /* as the books have it */
    bool leaving;        /* its process is about to end: it said so, or was told to */
    uint32_t deaths;     /* attempts in a row that failed or were lost on it … */
    uint32_t deaths_own; /* … and those of them that may be the fault of their trials */
    int64_t death_ms;    /* when the last one did, by the wall clock */
    struct fleet_deaths died;
    uint64_t joined; /* a counter: among equals the first to join comes first */
    /* What it offers; the data is in `kept`. */
    struct arena kept, kept_host, kept_load;
    const struct value *load; /* fleet_load.h; NULL: none was told */
    struct fleet_place *places;
    struct fleet_gpu *gpus;
    const struct value *labels; /* list of texts, or NULL */
    bool only;                  /* takes no trial that needs none of its labels */
    const char *workdir, *dir;  /* its --workdir and its own folder; NULL: not told */
    uint64_t cpus, memory;      /* of its host; 0: no bound */
    uint32_t places_n, gpus_n;
    uint32_t offered;      /* slots that may be given a trial */
    uint32_t offered_gpus; /* different GPUs, or sets of them, with such a slot … */
    uint32_t each;         /* … and how many GPUs each set has, at least */
    /* What runs on it. */
    struct fleet_slot *slots;
    size_t slots_n, slots_cap;
    uint32_t taken_n; /* slots with an attempt, those beyond the offered ones among them */
    uint32_t free_n;  /* slots that can be given to an attempt */
    uint32_t free_gpus;
    uint64_t cpus_taken, memory_taken;
    char held_for[16];   /* the sweep that its slots are kept for; "": none */
    uint32_t held_class; /* the number of that sweep's class */
    /* Its places in the indexes of the fleet. */
    uint32_t counted_slots, counted_free;
    struct fleet_seat **seats; /* by number of class; NULL: none */
    size_t seats_n, seats_cap;
    struct map told; /* ids of the sweeps that this link was told of -> the agent; not the
                        agent: of a spec before an edit */
    struct map
        codes; /* sweep, or "" -> what its folder holds, as the agent says (docs/PROTOCOL.md) */
    struct heap_item away;
};

/* False: it is known already. */
bool fleet_agent_set_code(struct fleet_agent *a, const char *sweep, const char *code);
struct fleet_agent *fleet_agent_new(const char *name, uint64_t joined);
void fleet_agent_free(struct fleet_agent *a);
/* Why an agent cannot have such slots (a list of dicts), such a host (a dict, null or NULL); NULL: it
 * can. */
const char *fleet_agent_judge_slots(const struct value *slots);
const char *fleet_agent_judge_host(const struct value *host);
/* Its slots, or its host, are these from now on; its attempts stay. */
void fleet_agent_set_slots(struct fleet_agent *a, const struct value *slots);
void fleet_agent_set_host(struct fleet_agent *a, const struct value *host);
/* Whether it is connected and takes new attempts. */
bool fleet_agent_is_open(const struct fleet_agent *a);
/* Whether an attempt can be put on this slot: it exists and holds no other attempt. */
bool fleet_agent_slot_is_free(const struct fleet_agent *a, uint32_t slot);
/* Whether it is offered, and a new attempt can be given it now. */
bool fleet_agent_slot_is_open(const struct fleet_agent *a, uint32_t slot);
void fleet_agent_take(struct fleet_agent *a, const char *sweep, uint64_t trial,
                      const struct grant *g);
/* Frees all slots of the attempt whose first slot this is. */
void fleet_agent_drop(struct fleet_agent *a, uint32_t slot);

uint32_t fleet_agent_attempts(const struct fleet_agent *a); /* how many hold slots of it */
bool fleet_agent_has_labels(const struct fleet_agent *a, const struct fleet_need *n);
/* Whether such a trial could run on it if nothing else did. */
bool fleet_agent_can_hold(const struct fleet_agent *a, const struct fleet_need *n);
/* How many such trials it has room for now. */
uint64_t fleet_agent_room(const struct fleet_agent *a, const struct fleet_need *n);
/* How many slots of this agent such a trial takes. */
uint32_t fleet_agent_slots_for(const struct fleet_agent *a, const struct fleet_need *n);
/* How many slots must become free before such a trial has a place, as far as slots go. */
uint32_t fleet_agent_lack(const struct fleet_agent *a, const struct fleet_need *n);
/* What such a trial gets; there must be room for one. Its arrays are in the arena. */
struct grant fleet_agent_grant(const struct fleet_agent *a, const struct fleet_need *n,
                               struct arena *arena);
