/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The folders that wandb's client has left in the folder of a trial: run-20261129_084840-ID and
 * offline-run-20261129_084840-ID, each with a file run-ID.wandb and a folder `files`. */
#include "agent/core/agent_step.h"
#include "base/arena.h"
#include "base/limits.h"

struct wandb_left {
    const char *time; /* in its name: they sort by it */
    const char *path; /* of the file run-ID.wandb */
    const char *files;
};

/* Those of this attempt, in the order in which they were made. dir: the agent's. */
size_t wandb_left_find(struct arena *a, const char *dir, const struct agent_key *key,
                       struct wandb_left ret[LIMIT_WANDB_FILES]);
/* Calls fn with each record of a file, as far as *unread, which is counted down, allows. False where it is
 * not such a file. cut, unless NULL: whether more follows that cannot be read, or may not. */
bool wandb_left_read(const char *path, int64_t *unread, bool *cut,
                     void (*fn)(void *arg, const void *record, size_t len), void *arg);
