/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The link to the controller: connected again when it is down, its messages, and the credential that it
 * is opened with. */
#include "agent/shell/agent_inside.h"

NODISCARD int agent_link_connect(struct agent *a, struct err *err);
void agent_link_up(void *arg); /* arg: the agent */
void agent_link_offer_key(struct agent *a, const struct message *answer);
void agent_link_take_key(struct agent *a, const char *why);
/* What the folder of a sweep holds, or with "" the agent's own; arg: the agent. */
void agent_link_found_code(void *arg, const char *sweep, const char *code);
