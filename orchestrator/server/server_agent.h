/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Agents: how one joins the controller, and its link. */
#include "orchestrator/server/server_inside.h"

/* POST {"name":NAME}, over TLS with the key that the agent will use from now on, else with {"token":
 * its hash}. A join token serves once; asking again with the same key has the same answer. */
void server_agent_join(struct server *s, const struct server_request *r);
/* Turns the connection into the link of the agent that the credential names. */
void server_agent_link(struct server *s, const struct server_request *r);
