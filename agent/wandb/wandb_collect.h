/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's client has left in the folder of a trial: rows that were logged offline, or were not sent
 * any more when the script was killed. */
#include "agent/wandb/wandb_lines.h"

/* Appends the rows of the attempt that are not in its metrics file yet, which is fd. dir: the agent's. */
void wandb_collect(struct wandb_lines *l, int fd, const char *dir, const struct agent_key *key);
