/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The path of an attempt's log, made from ids alone, and bounded pieces of the log. All readers of
 * logs use it: the agent for its controller, and commands on a store that no process holds. */
#include "agent/core/agent_step.h"

struct attempt_log_query {
    uint64_t from;  /* offset, where lines is 0 */
    uint64_t lines; /* begin with the last ones, as far back as LIMIT_LOG_TAIL_BYTES; 0: at from */
    uint64_t max;   /* bytes; at most LIMIT_LOG_PIECE_BYTES are read */
};

struct attempt_log_piece {
    uint64_t from, to; /* from is larger than requested if the log's limit dropped these bytes */
    bool end;          /* nothing has been written after it yet */
};

/* DIR/logs/SWEEP/TRIAL-ATTEMPT.log */
char *attempt_log_path(struct arena *a, const char *dir, const struct agent_key *key);
/* Appends a piece to out. Does not block on files that are not regular and follows no symbolic
 * link. ERR_NOT_FOUND if there is no log: nothing was written yet, or DIR never had this
 * attempt. */
NODISCARD int attempt_log_read(const char *dir, const struct agent_key *key,
                               const struct attempt_log_query *query, struct buf *out,
                               struct attempt_log_piece *ret, struct err *err);
/* The same for a message: answer has the question of log_read, and becomes the answer. With `fold`,
 * its rows are lines to be shown (protocol/log_fold.h), of at most LOG_FOLD_READ_BYTES. */
void attempt_log_answer(struct arena *a, const char *dir, const struct agent_key *key,
                        struct message *answer);
/* Why the training failed, by the end of its log; "" where it did not fail by itself, or the log does not
 * say. */
const char *attempt_log_cause(struct arena *a, const char *dir, const struct agent_key *key,
                              const struct message *end);
/* The end of the log of an attempt that failed, to be sent before its end is: the controller can
 * show it while the agent is away. False: there is none, or all went well. */
bool attempt_log_end(struct arena *a, const char *dir, const struct agent_key *key,
                     const struct message *end, struct message *ret);
