/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent that was given up has returned, and still has an attempt that was ended as lost. */
#include "orchestrator/core/controller/controller_state.h"

/* Takes the attempt up again if its trial has no end yet, or has ended as lost; a replacement that runs
 * is superseded. NULL if that is not possible: the agent should forget it. held: what the store has of
 * it; NULL: that was not looked up. *ret_why is what is lost then, and why; NULL: nothing is. */
struct book_trial *controller_reinstate(struct controller *c, const struct event *ev,
                                        struct fleet_agent *agent, const char *sweep,
                                        uint64_t trial, uint64_t attempt,
                                        const struct event_held *held, const char **ret_why,
                                        struct effects *out);
