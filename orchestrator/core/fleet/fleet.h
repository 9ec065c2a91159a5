/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The fleet: agents by name and by link, which of them has room for a trial, which are kept for a
 * trial that needs more than is free, and which one has been away for too long. An index over the
 * books and the links: it need not be stored, and no function visits all agents, but for
 * fleet_class_of() with a size that is new. Decides nothing. */
#include "orchestrator/core/fleet/fleet_class.h"
#include "orchestrator/core/fleet/fleet_errors.h"
#include "orchestrator/core/fleet/fleet_lines.h"

struct fleet_kept { /* slots that are kept for a trial until the end of a pass */
    struct fleet_agent *agent;
    uint32_t slot;
};

enum { FLEET_GONE_MAX = 256 };

struct fleet_gone { /* what is remembered of an agent that was dropped */
    char name[64];
    int64_t away_ms, death_ms;
    uint32_t deaths, deaths_own;
};

struct fleet {
    struct map names;         /* name -> struct fleet_agent * */
    struct map links;         /* link -> struct fleet_agent * */
    struct map gone;          /* name -> struct fleet_gone *: the last FLEET_GONE_MAX */
    struct heap away;         /* agents that are away, the longest first */
    uint64_t slots_n, free_n; /* slots of the agents that are there; those that are free */
    uint64_t joined;
    struct map sizes;             /* text of a need -> struct fleet_class * */
    struct fleet_class **classes; /* by number; NULL: none */
    size_t classes_n, classes_cap;
    struct map held; /* sweep -> struct fleet_agent *, which is kept for it */
    struct fleet_errors errors;
    struct fleet_lines lines;
    struct fleet_kept *kept;
    size_t kept_n, kept_cap;
};

void fleet_init(struct fleet *f);
void fleet_done(struct fleet *f);
struct fleet_agent *fleet_find(const struct fleet *f, const char *name);
struct fleet_agent *fleet_of_link(const struct fleet *f, uint32_t link); /* NULL if none */
/* The agent of that name; an unknown one is added, as away since then. */
struct fleet_agent *fleet_agent(struct fleet *f, const char *name, int64_t away_ms);
/* The agent has connected on this link, with these slots and this host, which were judged. Its
 * attempts stay. Its old link, if any, is no longer its own. */
void fleet_join(struct fleet *f, struct fleet_agent *a, uint32_t link, uint64_t instance,
                const struct value *slots, const struct value *host);
/* The agent, which is connected, describes its slots again. */
void fleet_offer(struct fleet *f, struct fleet_agent *a, const struct value *slots);
void fleet_leave(struct fleet *f, struct fleet_agent *a, int64_t away_ms);
/* What the agent may do; it takes new attempts only if it is up and not about to leave. */
void fleet_set_duty(struct fleet *f, struct fleet_agent *a, enum duty duty);
void fleet_set_leaving(struct fleet *f, struct fleet_agent *a, bool leaving);
/* Drops an agent that is away and runs nothing: it is among those that are gone. */
void fleet_drop(struct fleet *f, struct fleet_agent *a);
/* Drops what is remembered of one that is gone. */
void fleet_forget(struct fleet *f, const char *name);

/* Whether an attempt with this grant can be put on the agent. */
bool fleet_can_take(const struct fleet_agent *a, const struct grant *g);
void fleet_take(struct fleet *f, struct fleet_agent *a, const char *sweep, uint64_t trial,
                const struct grant *g);
void fleet_free(struct fleet *f, struct fleet_agent *a, uint32_t slot); /* its first slot */
/* In a pass over the free slots: keeps a place for a trial that is still being proposed; all of
 * them are given back at the end of the pass. */
void fleet_keep(struct fleet *f, struct fleet_agent *a, const char *sweep, const struct grant *g);
void fleet_give_back(struct fleet *f);

/* The class of trials that need this, for one more sweep. */
struct fleet_class *fleet_class_of(struct fleet *f, const struct fleet_need *need);
struct fleet_class *fleet_class_find(const struct fleet *f, uint32_t number); /* NULL: none */
void fleet_class_drop(struct fleet *f, uint32_t number); /* one sweep less; 0: does nothing */

/* Keeps an agent for a sweep: what becomes free on it goes to nobody else. A sweep has at most one.
 * It ends where the agent leaves, or can hold no such trial any more. */
void fleet_hold(struct fleet *f, struct fleet_agent *a, const char *sweep, uint32_t class);
struct fleet_agent *fleet_held(const struct fleet *f, const char *sweep); /* NULL if none */
void fleet_let_go(struct fleet *f, const char *sweep);

/* The agent that has been away for longest; NULL where none is away. */
struct fleet_agent *fleet_away(const struct fleet *f);
/* The link must be told of the sweep again. */
void fleet_tell_again(struct fleet_agent *a, const char *sweep);
