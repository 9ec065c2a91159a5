/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The metrics of an attempt on their way to the controller: what is read, sent, acknowledged, and,
 * when it has ended and all of it is durable there, its end. */
#include "agent/core/agent_state.h"

void agent_stream_read_all(struct agent_core *c, struct agent_entry *entry,
                           struct agent_effects *out);
/* To the offsets that the controller says are durable. */
void agent_stream_rewind(struct agent_entry *entry, const struct value *offsets);
void agent_stream_acked(struct agent_core *c, struct agent_entry *entry, const struct message *m,
                        struct agent_effects *out);
void agent_stream_take(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out); /* READ */
