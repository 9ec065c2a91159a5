/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The agent's hello: what it offers and what it holds. */
#include "agent/core/agent_state.h"

/* Over the link, as its first message or again: nothing else is sent before the next welcome. */
void agent_hello_send(struct agent_core *c, struct agent_effects *out);
/* The slots as the agent describes them; one that leaves offers none. */
const struct value *agent_hello_slots(const struct agent_core *c, struct arena *a);
