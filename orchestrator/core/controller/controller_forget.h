/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent that does not return is taken out of the list. What it holds is lost at once, as it would be at the end of its
 * lease. One of that name that connects later is a new agent: its token stays valid. */
#include "orchestrator/core/controller/controller_state.h"

/* Refused while the agent is connected. */
void controller_forget(struct controller *c, const struct event *ev, struct effects *out);
