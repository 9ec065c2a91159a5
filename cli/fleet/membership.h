/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent's membership of a controller, in files of its folder: `controller` has the controller's
 * address, `agent.pem` the agent's key or, if the controller speaks plain HTTP on this machine,
 * `agent.token` its token. */
#include <limits.h>
#include "net/endpoint.h"
#include "net/tls/identity.h"
#include "sweep/trust/join_text.h"

struct membership {
    struct endpoint endpoint;
    struct identity *identity; /* NULL: it has a token */
    char token[TOKEN_TEXT_BYTES];
};

/* Reads the files. ERR_NOT_FOUND: it has not joined yet. */
NODISCARD int membership_read(const char *dir, struct membership *ret, struct err *err);
/* Joins the controller of the string under this name, and writes the files. Nothing is written
 * before the controller has agreed. If it is a member of that controller already, the string is
 * not used. */
NODISCARD int membership_join(const char *dir, const char *name, const struct join_text *join,
                              struct membership *ret, struct err *err);
void membership_done(struct membership *m);
