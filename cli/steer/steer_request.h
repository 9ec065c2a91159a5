/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A request to the controller of a store. */
#include "base/buf.h"
#include "orchestrator/core/event.h"

struct steer_request {
    /* A word of event_command_find(), "retry", "enqueue", "tag", "edit", "create", "token_create" or "token_revoke" */
    const char *op;
    const char *sweep; /* "" of the last two */
    bool one;          /* of "stop": this trial alone */
    uint64_t trial;
    const struct event_retry *retry;     /* of "retry" */
    const struct event_enqueue *enqueue; /* of "enqueue" */
    const struct event_tag *tag;         /* of "tag" */
    /* of "edit", "create", "token_create": of kind FACT_SWEEP_EDITED, FACT_SWEEP_CREATED,
     * FACT_TOKEN_CREATED */
    const struct fact *fact;
    const char *token; /* of "token_revoke": its id */
};

/* The request as it is sent: {"op":…,"sweep":…} and what belongs to the op. Lives in the arena. */
struct value *steer_request_line(struct arena *a, const struct steer_request *request);
/* Appends the message of the answer. ERR_PROTOCOL: it has none. */
NODISCARD int steer_request_message(const struct value *answer, struct buf *message,
                                    struct err *err);
