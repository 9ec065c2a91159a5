/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's client wants of the run of an attempt, answered from the attempt's directory: rows of
 * its history become lines of $BESOM_METRICS, each with the number of its row, so a row that is sent
 * again is not written again, whichever process of the agent it comes to. Blocks on files: for a
 * thread of its own. Knows no socket. */
#include "agent/wandb/wandb_access.h"
#include "base/buf.h"

struct wandb_call {
    struct agent_key key; /* whose key it came with */
    bool stream;          /* a request to …/file_stream; else one of GraphQL */
    const char *run;      /* of a stream: the run in its path */
    bool stopping;        /* the attempt is asked to stop */
    const char *body;
    size_t len;
};

struct wandb_runs;

struct wandb_runs *wandb_runs_new(const char *dir); /* the agent's; copied */
void wandb_runs_free(struct wandb_runs *runs);      /* takes NULL */
/* Appends the JSON document of the answer, and returns its HTTP status. */
int wandb_runs_answer(struct wandb_runs *runs, const struct wandb_call *call, struct buf *out);
/* Reads the files that wandb's client has left in the trial's folder, for an attempt that has ended: what
 * was logged offline, or was not sent any more. */
void wandb_runs_collect(struct wandb_runs *runs, const struct agent_key *key);
/* Forgets an attempt that has ended. */
void wandb_runs_drop(struct wandb_runs *runs, const struct agent_key *key);
