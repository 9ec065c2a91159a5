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
/* Judges a credential to be. */
NODISCARD int controller_trust_judge(const struct controller *c, const struct event *ev,
                                     const struct fact *grant, struct err *err);
/* Records it, as made by `by`. */
void controller_trust_grant(struct controller *c, const struct event *ev, struct fact *grant,
                            const char *by, struct effects *out);
/* Records that one is revoked, and ends its sessions. */
void controller_trust_revoke(struct controller *c, const struct event *ev,
                             const struct trust_credential *one, const char *by,
                             struct effects *out);
/* Ends the sessions of credentials that have expired since the last step. */
void controller_trust_expire(struct controller *c, const struct event *ev, struct effects *out);
/* When a step is wanted for that or for a renewal, on the steady clock; INT64_MAX: never. */
int64_t controller_trust_deadline(const struct controller *c);
/* Records the action that this event was, with its outcome: the first reply from `first` on. */
void controller_trust_audit(struct controller *c, const struct event *ev, size_t first,
                            struct effects *out);
