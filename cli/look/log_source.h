/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the log of an attempt: from the process that holds the store, which asks the agent that
 * has the log; or from the store's own files if no process holds it, or none answers. */
#include "agent/attempt_log.h"

struct remote;

struct log_source {
    struct remote *remote; /* NULL: a store of this machine; the caller's */
    const char *store;     /* the caller's */
    struct agent_key key;
    char agent[64];
    bool from_files; /* read the files: the process, or the agent, did not answer */
};

void log_source_init(struct log_source *s, struct remote *remote, const char *store,
                     const struct agent_key *key, const char *agent);
/* As attempt_log_read. */
NODISCARD int log_source_read(struct log_source *s, const struct attempt_log_query *query,
                              struct buf *out, struct attempt_log_piece *ret, struct err *err);
