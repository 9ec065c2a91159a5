/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request to the controller of a store. */
#include "orchestrator/core/event.h"

struct steer_request {
    const char *op,
        *sweep; /* a word of event_command_find(), "retry", "enqueue", "edit" or "create" */
    const struct event_retry *retry;     /* of "retry" */
    const struct event_enqueue *enqueue; /* of "enqueue" */
    const struct fact *fact; /* of "edit", "create": of kind FACT_SWEEP_EDITED, _CREATED */
};
