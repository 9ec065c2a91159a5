/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Says in a few words why nothing runs on a slot: its agent, its GPU, or the sweeps that could use it.
 * It changes nothing and reads no clock. It is for people who ask. */
#include "orchestrator/core/controller/controller_state.h"

enum { IDLE_SWEEPS_MAX = 64 }; /* running sweeps that are asked */

/* Why the sweeps that run give this agent no trial; NULL: nothing is known. */
const char *idle_agent(const struct controller *c, const struct fleet_agent *agent,
                       struct arena *a);
/* The same of one of its slots; NULL: a trial runs there. of_agent: from idle_agent(). */
const char *idle_slot(const struct fleet_agent *agent, uint32_t slot, const char *of_agent,
                      struct arena *a);
