/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's shell: executes the decisions of agent/core on the loop: shims, attempt directories,
 * metrics files, one link to a controller. It decides nothing itself. Its parts are in agent/shell. */
#include "agent/shell/agent_config.h"

struct agent;

/* Ends the processes that dead shims left, finds the existing attempts, connects and sends its
 * hello. */
NODISCARD int agent_start(const struct agent_config *config, struct agent **ret, struct err *err);
/* Whether it is connected and has no attempt of this sweep left to work on; of any sweep, if it is
 * NULL. */
bool agent_is_done(const struct agent *a, const char *sweep);
bool agent_is_linked(const struct agent *a);
bool agent_is_welcome(const struct agent *a); /* at the controller that it is linked to */
/* The process is about to end (agent/core/agent_leave.h): ends its trainings, whose trials go back to
 * the queue at no cost. Again: kills them. */
void agent_leave(struct agent *a, bool preempted);
/* Whether the process should end: it was asked to leave, or was drained, and is done with it. */
bool agent_has_left(const struct agent *a);
/* Bytes of what wandb logged that the controller does not have yet. */
uint64_t agent_wandb_waiting(const struct agent *a);
/* Whether all that is left to do for its attempts is to read the files that wandb left. The next agent
 * in its folder can do that as well. */
bool agent_only_reads(const struct agent *a);
/* Closes the link and all handles; training keeps running. The loop must continue until all is
 * closed; then call agent_free. */
void agent_close(struct agent *a);
void agent_free(struct agent *a);
