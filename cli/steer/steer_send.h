/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sends a request to the controller on the network, to the process that writes the store or, if there
 * is none, executes it in this process. */
#include "base/buf.h"
#include "cli/steer/steer_request.h"

/* Appends the controller's reply to `message`, or returns it if it is an error. */
NODISCARD int steer_send(const char *store, const struct steer_request *request,
                         struct buf *message, struct err *err);
