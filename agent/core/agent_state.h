/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of the agent's core: its link, its sweeps, its attempts. Only the parts of the core
 * use it. */
#include "agent/core/agent_entry.h"
#include "agent/core/agent_sweeps.h"
#include "base/map.h"

struct agent_core {
    char name[64];
    uint64_t instance; /* tells this process from another agent of the name */
    uint32_t slots;
    struct value *offers; /* as last described; NULL: a dict without a key for each slot */
    struct arena kept;    /* the data of `offers` */
    struct value
        *host; /* what its trials share: {"cpus":…,"memory":…,"labels":[…]}; NULL: unknown */
    struct arena kept_host; /* its data */
    char store[64];         /* "" before the first welcome */
    uint64_t epoch;
    bool linked, welcomed;
    bool offers_changed; /* since the hello, which has no answer yet */
    bool no_room;        /* no space on the disk: nothing is started */
    bool elsewhere;      /* other hosts may run its trials: it keeps none that cannot start */
    int64_t poll_at_ms;
    enum agent_leave leaving;
    bool hurried;        /* asked again to leave */
    int64_t leave_by_ms; /* then it waits no longer */
    int64_t grace_ms;    /* that a shim gives training between SIGTERM and SIGKILL */
    struct map entries;  /* key -> struct agent_entry * */
    struct agent_sweeps sweeps;
};

struct agent_entry *agent_state_find(const struct agent_core *c, const struct agent_key *key);
struct agent_entry *agent_state_add(struct agent_core *c, const struct agent_key *key);
void agent_state_drop(struct agent_core *c, struct agent_entry *entry);
void agent_state_move(struct agent_entry *entry, enum agent_entry_state to);
/* Tells a person; or closes the link for this reason. */
void agent_state_warn(enum agent_effect_kind kind, const char *text, struct agent_effects *out);
/* A message to the controller, about an attempt unless entry is NULL, to be filled in. */
struct message *agent_state_send(struct agent_core *c, const struct agent_entry *entry,
                                 enum message_type type, struct agent_effects *out);
