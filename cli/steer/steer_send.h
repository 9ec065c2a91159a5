/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Sends a request to the controller on the network or to the process that writes the store; if no
 * process does, this one executes it. */
#include "base/buf.h"
#include "cli/look/looking.h"
#include "cli/steer/steer_request.h"

/* Appends the controller's reply to `message`, or returns it if it is an error. */
NODISCARD int steer_send(struct looking *l, const struct steer_request *request,
                         struct buf *message, struct err *err);
