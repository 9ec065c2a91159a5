/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request of the control socket (orchestrator/control_request.h) to a controller on the network:
 * each has a path of its own there. */
#include "base/err.h"
#include "base/value.h"

struct remote;

/* The answer is as that of the socket. */
NODISCARD int remote_ask(struct remote *remote, const struct value *request, struct arena *a,
                         struct value **ret, struct err *err);
