/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the log of an attempt lies, made from ids alone, and pieces of it of bounded size. Whoever
 * shows logs reads them here: the agent for its controller, or a command on a store that no process
 * holds. */
#include "agent/core/agent_step.h"

/* DIR/logs/SWEEP/TRIAL-ATTEMPT.log */
char *attempt_log_path(struct arena *a, const char *dir, const struct agent_key *key);
