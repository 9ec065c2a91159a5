/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the log of an attempt lies, made from ids alone, and pieces of it of bounded size. Whoever
 * shows logs reads them here: the agent for its controller, or a command on a store that no process
 * holds. */
#include "agent/core/agent_step.h"

struct attempt_log_query {
    uint64_t from;  /* offset, where lines is 0 */
    uint64_t lines; /* begin with the last ones, as far back as LIMIT_LOG_TAIL_BYTES; 0: at from */
    uint64_t max;   /* bytes; at most LIMIT_LOG_PIECE_BYTES are read */
};

struct attempt_log_piece {
    uint64_t from,
        to;   /* from is larger than asked for where the log's cap dropped what was there */
    bool end; /* nothing was written after it yet */
};

/* DIR/logs/SWEEP/TRIAL-ATTEMPT.log */
char *attempt_log_path(struct arena *a, const char *dir, const struct agent_key *key);
/* Appends a piece to out. Neither blocks on what is not a regular file nor follows a
 * symbolic link. ERR_NOT_FOUND where there is
 * no log: nothing was written yet, or DIR never had this attempt. */
NODISCARD int attempt_log_read(const char *dir, const struct agent_key *key,
                               const struct attempt_log_query *query, struct buf *out,
                               struct attempt_log_piece *ret, struct err *err);
/* The same for a message: answer holds the question in from, lines and max, and is made the answer
 * in place. */
void attempt_log_answer(struct arena *a, const char *dir, const struct agent_key *key,
                        struct message *answer);
