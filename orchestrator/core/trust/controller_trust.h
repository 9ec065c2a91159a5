/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Credentials: made, replaced, used, revoked; and the record of who asked for what. Whether the
 * one who asks may do so was decided by the scope of its credential, before the event. */
#include "orchestrator/core/controller/controller_state.h"

enum {
    CONTROLLER_TOKENS_MAX = 20000, /* credentials that can be used at one time */
    CONTROLLER_EXPIRY_MS = 60000,  /* while one will expire, the clock is looked at so often */
};

void controller_trust(struct controller *c, const struct event *ev, struct effects *out);
/* Ends the sessions of credentials that have expired since the last step. */
void controller_trust_expire(struct controller *c, const struct event *ev, struct effects *out);
/* When a step is wanted for that, on the steady clock; INT64_MAX: never. */
int64_t controller_trust_deadline(const struct controller *c);
/* Records the action that this event was, with its outcome: the first reply from `first` on. */
void controller_trust_audit(struct controller *c, const struct event *ev, size_t first,
                            struct effects *out);
