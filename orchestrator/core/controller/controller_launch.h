/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The messages to agents about attempts. LAUNCH means: see to it that this attempt runs, from these
 * offsets on. It is sent again whenever an agent says hello, so that starting, adopting and a
 * message that was lost are one case. */
#include "orchestrator/core/controller/controller_state.h"

/* A message about an attempt to an agent that is linked. */
struct message *controller_launch_message(struct controller *c, uint32_t link,
                                          enum message_type type, const char *sweep, uint64_t trial,
                                          uint64_t attempt, struct effects *out);
/* Nothing where the agent is away: it will be told when it says hello. */
void controller_launch_send(struct controller *c, struct fleet_agent *agent,
                            const struct book_sweep *s, const struct book_trial *t,
                            struct effects *out);
void controller_launch_send_stop(struct controller *c, const struct book_sweep *s,
                                 const struct book_trial *t, struct effects *out);
/* Asks a running attempt to end for this reason, and its agent to see to it. */
void controller_launch_stop(struct controller *c, const struct event *ev, struct book_sweep *s,
                            struct book_trial *t, enum trial_reason why, struct effects *out);
