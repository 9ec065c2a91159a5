/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sweeps as wandb's public API reads them. The sweeps are besom's, read from its store. */
#include "orchestrator/wandb/desk_call.h"

NODISCARD int api_sweeps_one(struct desk_call *c, struct value **ret,
                             struct err *err); /* GetSweep */
NODISCARD int api_sweeps_list(struct desk_call *c, struct value **ret,
                              struct err *err); /* GetSweeps */
/* GetSweepAgents, GetSweepAgent, GetAgentRuns */
NODISCARD int api_sweeps_agents(struct desk_call *c, struct value **ret, struct err *err);
NODISCARD int api_sweeps_agent(struct desk_call *c, struct value **ret, struct err *err);
