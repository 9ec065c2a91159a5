/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request to the controller of a store. */
#include "orchestrator/core/event.h"

struct steer_request {
    const char *op, *sweep;          /* a word of event_command_find(), or "retry" */
    const struct event_retry *retry; /* of "retry" */
};
