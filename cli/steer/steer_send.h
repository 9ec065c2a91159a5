/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request is carried out by the process that writes the store or, where there is none, by this one.
 */
#include "base/buf.h"
#include "cli/steer/steer_request.h"

/* Appends the controller's reply to `message`, or returns it where it is an error. */
NODISCARD int steer_send(const char *store_dir, const struct steer_request *request,
                         struct buf *message, struct err *err);
