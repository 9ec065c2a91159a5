/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request to the controller of a store: carried out by the process that writes the store or, where
 * there is none, by this one. */
#include "base/buf.h"
#include "orchestrator/core/event.h"

struct steer_request {
    const char *op, *sweep;          /* a word of event_command_find(), or "retry" */
    const struct event_retry *retry; /* of "retry" */
};

/* Appends the controller's reply to `message`, or returns it where it is an error. */
NODISCARD int steer_request_send(const char *store_dir, const struct steer_request *request,
                                 struct buf *message, struct err *err);
