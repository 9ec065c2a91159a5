/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the agents of a fleet ask for wandb's clients in their trainings, and what these have logged:
 * POST /agent/v1/wandb/SWEEP/TRIAL/ATTEMPT/… asks the desk for the path that follows. An agent may ask for
 * its own attempts, and change the run of their trial alone. */
#include "orchestrator/server/server_inside.h"

void server_wandb_agent_answer(struct server *s, const struct server_request *r);
void server_wandb_agent_free(struct server *s);
