/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The ends of the logs of attempts that failed, which their agents send unasked: they can be read
 * while the agent is away. Files beside those logs that the store itself has; nothing durable
 * depends on them. */
#include "orchestrator/core/controller/controller.h"

/* Keeps what the agent of this link sent: a `log` message that answers no question. Ignores it where
 * the attempt is not that agent's. */
void log_tail_keep(const char *dir, const struct controller *core, uint32_t link,
                   const struct message *m);
/* Answers a question from what is kept: fills in from, to, end, size, and bytes or
 * rows. False: nothing is. */
bool log_tail_answer(struct arena *a, const char *dir, const struct message *ask,
                     struct message *answer);
