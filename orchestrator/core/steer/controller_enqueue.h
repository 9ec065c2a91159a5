/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A configuration that somebody adds to a sweep becomes its next trial. A sweep that has ended
 * continues for it. */
#include "orchestrator/core/controller/controller_state.h"

void controller_enqueue(struct controller *c, const struct event *ev, struct effects *out);
