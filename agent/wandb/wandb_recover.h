/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's client did not send of the run of an attempt that has ended: the files that it has left
 * (wandb_left.h) go into the spool of the run (wandb_spool.h), as the client would have sent them. */
#include "agent/wandb/wandb_spool.h"

/* rows: of the history that are in the spool. code: of training. Blocks on files. */
void wandb_recover(struct wandb_spool *s, const char *dir, const struct agent_key *key,
                   uint64_t rows, int code);
