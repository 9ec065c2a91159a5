/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sends a request of the control socket (orchestrator/control_request.h) to a controller on the
 * network, where each kind of request has its own path. */
#include "base/err.h"
#include "base/value.h"

struct remote;

/* The answer has the same form as on the socket. */
NODISCARD int remote_ask(struct remote *remote, const struct value *request, struct arena *a,
                         struct value **ret, struct err *err);
