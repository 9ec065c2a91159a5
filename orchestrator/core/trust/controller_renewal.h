/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents renew their credentials over their links. When a third of a credential's time is left, the
 * agent is asked to `renew`; it makes a key and sends its hash as its `renewal`, and is answered by
 * `renewed`. The old credential is good until the new one was first used, so the answer may be lost:
 * the agent asks again with the same key. */
#include "orchestrator/core/controller/controller_state.h"

enum { CONTROLLER_RENEWAL_AGAIN_MS = 3600000 /* between two requests to an agent */ };

/* The agent has joined by this hello. */
void controller_renewal_joined(struct controller *c, const struct event *ev,
                               struct fleet_agent *agent);
/* Asks the agents whose time has come. */
void controller_renewal_ask(struct controller *c, const struct event *ev, struct effects *out);
/* The message of an agent that was welcomed. */
void controller_renewal(struct controller *c, const struct event *ev, struct effects *out);
