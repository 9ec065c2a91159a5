/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's reply to a request, as text or as one JSON object. */
#include "cli/look/looking.h"
#include "cli/steer/steer_request.h"

void steer_reply_print(struct looking *l, const char *kind, const char *name,
                       const struct buf *message);
/* Sends a request about a sweep, and prints the reply at once. */
NODISCARD int steer_reply_ask(struct looking *l, const struct steer_request *request,
                              struct err *err);
