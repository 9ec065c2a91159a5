/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The readers of the metrics of an agent's attempts, each from its first read to its end. */
#include "agent/core/agent_state.h"
#include "agent/metrics/metric_reader.h"

struct readers {
    struct map by_key; /* struct agent_key -> struct metric_reader * */
};

void readers_init(struct readers *rs);
void readers_done(struct readers *rs);
/* Keeps the output's settings from a launch. */
NODISCARD int readers_keep_patterns(struct readers *rs, const struct agent_key *key,
                                    const struct message *launch, struct err *err);
/* Executes an AGENT_DO_READ in the attempt's directory, and fills in the AGENT_EV_READ, whose text
 * is in the arena. If it fails, the batch is empty. */
NODISCARD int readers_read(struct readers *rs, const char *dir, const struct agent_effect *e,
                           struct arena *a, struct agent_event *ev, struct metric_batch *ret,
                           struct err *err);
/* How far the stream was read; 0: not at all. */
uint64_t readers_offset(const struct readers *rs, const struct agent_key *key, uint32_t stream);
void readers_drop(struct readers *rs, const struct agent_key *key);
