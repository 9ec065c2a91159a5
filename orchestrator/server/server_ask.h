/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Requests for the controller itself: actions, and questions that the store does not answer. Each is
 * a request of the control socket (orchestrator/control_request.h): its op comes from the route,
 * the rest from the path, and from the query or the body. */
#include "orchestrator/server/server_inside.h"

void server_ask(struct server *s, const struct server_request *r);
