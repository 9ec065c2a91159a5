/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The hello of an agent: adds it to the fleet or refuses it, and compares its attempts with the
 * books. Later it may describe its slots again. */
#include "orchestrator/core/controller/controller_state.h"

void controller_hello(struct controller *c, const struct event *ev, struct effects *out);
void controller_hello_slots(struct controller *c, const struct event *ev, struct effects *out);
