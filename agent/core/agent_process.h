/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An attempt as directory and processes: whether it is started, adopted, swept or given up, and how
 * it has ended. Part of the agent's core; what becomes of its metrics and its report is not known
 * here. No wait is without a deadline: a shim may be stopped, hang, or be out of reach. */
#include "agent/core/agent_entry.h"

/* Has the directory probed; agent_process_step handles the answer. */
void agent_process_look(struct agent_entry *entry, struct agent_effects *out);
/* To be looked at again in a while. */
void agent_process_wait(struct agent_entry *entry, int64_t now_ms);
/* Signals the living processes to end. Does nothing if a harsher signal was sent before. */
void agent_process_ask(struct agent_entry *entry, enum agent_signal how, int64_t now_ms,
                       struct agent_effects *out);
/* FOUND, STARTED, GONE, SWEPT, and TICK where it is due. True where the attempt is over: *ret says
 * how. */
bool agent_process_step(struct agent_entry *entry, const struct agent_event *ev,
                        struct agent_end *ret, struct agent_effects *out);
