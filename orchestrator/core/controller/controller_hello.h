/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent says hello: it is taken into the fleet or refused, and what it holds is held against the
 * books. */
#include "orchestrator/core/controller/controller_state.h"

void controller_hello(struct controller *c, const struct event *ev, struct effects *out);
