/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agents of wandb's clients that are there: executes the decisions of wandb_agent.h on the loop.
 * Their heartbeats come from the desk, their trials from the driver, and what their runs report from
 * runs.db. An agent that this process does not know yet is looked up there. */
#include "orchestrator/wandb/desk_later.h"

struct wandb_agents;

/* lost_ms: as in struct wandb_agent; 0: WANDB_AGENT_LOST_MS. */
struct wandb_agents *wandb_agents_new(struct desk_host *host, int64_t lost_ms);
/* Heartbeat: it is answered when there is a command, or after a while. */
void wandb_agents_beat(struct wandb_agents *w, struct desk_later *l);
/* Who waits for the answer is gone: desk_later.who. */
void wandb_agents_hung_up(struct wandb_agents *w, const void *who);
/* A run has reported, and that is durable. */
void wandb_agents_reported(struct wandb_agents *w, const struct desk_report *report);
/* Answers all that wait. Then free it, after the loop has run on and the desk has done its work. */
void wandb_agents_close(struct wandb_agents *w);
void wandb_agents_free(struct wandb_agents *w); /* takes NULL */
