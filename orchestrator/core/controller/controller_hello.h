/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The hello of an agent: adds it to the fleet or refuses it, and compares its attempts with the
 * books. */
#include "orchestrator/core/controller/controller_state.h"

void controller_hello(struct controller *c, const struct event *ev, struct effects *out);
