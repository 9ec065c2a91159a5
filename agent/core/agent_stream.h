/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sends the metrics of an attempt to the controller: reads them, sends them and waits for the
 * acknowledgement; after the attempt has ended and all metrics are durable there, sends its end. */
#include "agent/core/agent_state.h"

void agent_stream_read_all(struct agent_core *c, struct agent_entry *entry,
                           struct agent_effects *out);
/* Moves to the offsets that are durable at the controller. */
void agent_stream_rewind(struct agent_entry *entry, const struct value *offsets);
void agent_stream_acked(struct agent_core *c, struct agent_entry *entry, const struct message *m,
                        struct agent_effects *out);
void agent_stream_take(struct agent_core *c, struct agent_entry *entry,
                       const struct agent_event *ev, struct agent_effects *out); /* READ */
