/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The messages to agents about attempts. LAUNCH means: make sure that this attempt runs, and
 * report from these offsets on. It is sent again after each hello, so that starting, adopting and
 * a lost message are handled alike. */
#include "orchestrator/core/controller/controller_state.h"

/* A message about an attempt to an agent that is linked. */
struct message *controller_launch_message(struct controller *c, uint32_t link,
                                          enum message_type type, const char *sweep, uint64_t trial,
                                          uint64_t attempt, struct effects *out);
/* Does nothing if the agent is away: it will be told after its hello. */
void controller_launch_send(struct controller *c, struct fleet_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            struct effects *out);
void controller_launch_send_stop(struct controller *c, const struct book_sweep *s,
                                 const struct book_trial *t, struct effects *out);
/* Records that a running attempt is to end for this reason, and tells its agent. */
void controller_launch_stop(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason why, struct effects *out);
