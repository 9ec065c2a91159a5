/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's core: a pure machine that runs the attempts that it was told to launch, sends their
 * reports to the controller, and drops nothing before it is acknowledged. Its state is only a
 * cache: the directories hold the attempts, the controller holds the offsets. Knows no process,
 * file or clock. */
#include "agent/core/agent_state.h"

/* instance: drawn for this process, at most 2^53. */
void agent_core_init(struct agent_core *c, const char *name, uint64_t instance, uint32_t slots);
/* What the trials of its host share, as in a hello; before the first link. */
void agent_core_set_host(struct agent_core *c, const struct value *host);
void agent_core_done(struct agent_core *c);
/* Adds an attempt whose directory was found; call it before the first step. */
void agent_core_hold(struct agent_core *c, const struct agent_key *key);
void agent_core_step(struct agent_core *c, const struct agent_event *ev, struct agent_effects *out);
int64_t agent_core_deadline(const struct agent_core *c); /* steady clock; INT64_MAX: never */
struct agent_entry *agent_core_find(const struct agent_core *c, const struct agent_key *key);
/* Whether a launch waits for space on the disk. */
bool agent_core_waits_for_room(const struct agent_core *c);
/* Whether an attempt that was launched here occupies this slot. */
bool agent_core_is_taken(const struct agent_core *c, uint32_t slot);
/* Whether an attempt, or any of those that were launched here, was granted this GPU. */
bool agent_core_entry_holds(const struct agent_entry *entry, const char *gpu);
bool agent_core_holds_gpu(const struct agent_core *c, const char *gpu);
/* How many attempts of this sweep it still works on; of all sweeps, if it is NULL. */
size_t agent_core_count(const struct agent_core *c, const char *sweep);
/* Whether some attempt of this key's trial is among them. */
bool agent_core_has_trial(const struct agent_core *c, const struct agent_key *key);
