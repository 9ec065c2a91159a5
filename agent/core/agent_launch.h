/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's requests about an attempt: run it, end it, forget it. Also the launches that
 * wait for their slot or for space. */
#include "agent/core/agent_state.h"

void agent_launch_take(struct agent_core *c, const struct agent_key *key,
                       const struct agent_event *ev, struct agent_effects *out);
void agent_launch_stop(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out);
/* The agent's process is about to end: ends it at no cost for its trial; `now` without grace. */
void agent_launch_leave(struct agent_core *c, struct agent_entry *entry, bool now,
                        const struct agent_event *ev, struct agent_effects *out);
void agent_launch_forget(struct agent_entry *entry, const struct agent_event *ev,
                         struct agent_effects *out);
/* Starts the waiting launches that can start now. */
void agent_launch_waiting(struct agent_core *c, const struct agent_event *ev,
                          struct agent_effects *out);
/* What happened to its processes; the entry may be gone after it. */
void agent_launch_step(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out);
