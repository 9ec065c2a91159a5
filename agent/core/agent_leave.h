/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The end of the agent's process: its host is taken away, a person interrupts it, or it was
 * drained. It takes nothing new, ends its trainings, and waits until their ends are acknowledged. */
#include "agent/core/agent_state.h"

enum {
    AGENT_LEAVE_SLACK_MS = 15000, /* that it waits beyond the grace of its trainings */
    AGENT_HURRY_MS = 5000,        /* and after it was asked again */
};

/* LEAVE, or the controller's `drained`. Asked again, it kills its trainings. */
void agent_leave_begin(struct agent_core *c, enum agent_leave why, const struct agent_event *ev,
                       struct agent_effects *out);
/* Whether nothing is left to wait for, or it has waited long enough. */
bool agent_leave_is_over(const struct agent_core *c, int64_t now_ms);
