/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reports of an agent about an attempt: metrics and its end. Both are accepted once: metrics by
 * their byte offsets, the end by the attempt's state. A stale report is answered, so that the
 * agent can drop it. */
#include "orchestrator/core/controller/controller_state.h"

void controller_attempt_metrics(struct controller *c, const struct event *ev, struct effects *out);
/* The agent says what it waits for before it starts. Nothing is decided by it, so it is not recorded. */
void controller_attempt_waits(struct controller *c, const struct event *ev);
void controller_attempt_ended(struct controller *c, const struct event *ev, struct effects *out);
