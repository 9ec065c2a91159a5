/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An attempt as directory and processes: whether to start, adopt, sweep or give it up, and how it
 * ended. Part of the agent's core; does not know its metrics and its report. Every wait has a
 * deadline: a shim may be stopped, hang, or be out of reach. */
#include "agent/core/agent_entry.h"

/* Has the directory probed; agent_process_step handles the answer. */
void agent_process_look(struct agent_entry *entry, struct agent_effects *out);
/* Inspects it again after a while. */
void agent_process_wait(struct agent_entry *entry, int64_t now_ms);
/* Signals the living processes to end. Does nothing if a harsher signal was sent before. */
void agent_process_ask(struct agent_entry *entry, enum agent_signal how, int64_t now_ms,
                       struct agent_effects *out);
/* Handles FOUND, STARTED, GONE, SWEPT, and TICK if it is due. True if the attempt is over: *ret
 * says how it ended. */
bool agent_process_step(struct agent_entry *entry, const struct agent_event *ev,
                        struct agent_end *ret, struct agent_effects *out);
