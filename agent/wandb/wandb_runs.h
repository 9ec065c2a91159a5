/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What wandb's client wants of the run of an attempt, answered from the attempt's directory: rows of
 * its history become lines of $BESOM_METRICS, each with the number of its row, so a row that is sent
 * again is not written again, whichever process of the agent it comes to. What the client said of the run
 * is kept for the controller as well (agent/wandb/wandb_spool.h). Blocks on files: for a thread of its
 * own. Knows no socket. */
#include "agent/wandb/wandb_access.h"
#include "base/buf.h"
#include "net/tls/digest.h"

struct wandb_call {
    struct agent_key key; /* whose key it came with */
    bool stream;          /* a request to …/file_stream; else one of GraphQL */
    const char *run;      /* of a stream: the run in its path */
    const char *path;     /* of a stream; decoded */
    const char *uploads;  /* the URL that uploads go to; a query follows */
    bool stopping;        /* the attempt is asked to stop */
    const char *body;
    size_t len;
};

struct wandb_runs;

/* An answer that only the controller can give. */
enum { WANDB_RUNS_PASS = 0 };

/* dir: the agent's; copied. records: somebody forwards what is kept for the controller. */
struct wandb_runs *wandb_runs_new(const char *dir, bool records);
void wandb_runs_free(struct wandb_runs *runs); /* takes NULL */
/* Appends the JSON document of the answer, and returns its HTTP status; or WANDB_RUNS_PASS. */
int wandb_runs_answer(struct wandb_runs *runs, const struct wandb_call *call, struct buf *out);
/* An upload to the run: the file at `path`, which is moved. Returns an HTTP status. */
int wandb_runs_upload(struct wandb_runs *runs, const struct agent_key *key, const char *query,
                      const char *path, uint64_t size, const struct digest *digest);
/* An attempt has ended with this code: reads the files that wandb's client has left in the trial's folder,
 * what was logged offline or was not sent any more, and tells the controller of the end of the run. */
void wandb_runs_collect(struct wandb_runs *runs, const struct agent_key *key, int code);
/* Forgets an attempt that has ended. */
void wandb_runs_drop(struct wandb_runs *runs, const struct agent_key *key);
