/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How the training of an attempt reaches the agent's wandb front: its URL, and a key that is good for
 * that attempt alone. The key needs no table: it is the attempt's name with a code that only this
 * agent can compute, so it outlives the agent's process. Touches no file. */
#include "agent/core/agent_core.h"
#include "net/tls/secret.h"

enum { WANDB_KEY_BYTES = 200, WANDB_RUN_BYTES = 64 };

struct wandb_access {
    char url[40]; /* "http://127.0.0.1:PORT" */
    char secret[SECRET_CHARS + 1];
};

void wandb_access_key(const struct wandb_access *w, const struct agent_key *key,
                      char ret[WANDB_KEY_BYTES]);
/* Whose key the text is; false where it is none of this agent's. */
bool wandb_access_read(const struct wandb_access *w, const char *text, struct agent_key *ret);
/* The id of the attempt's run, which is its trial's: SWEEP-TRIAL. */
void wandb_access_run(const struct agent_key *key, char ret[WANDB_RUN_BYTES]);
