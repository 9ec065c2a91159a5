/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An agent's membership of a controller, in files of its folder: `controller` has the controller's
 * address, `agent.pem` the agent's key or, if the controller speaks plain HTTP on this machine,
 * `agent.token` its token, and `name` the name that it joined under. A key to come is in `agent.next.pem` or `agent.next.token` until the
 * controller has accepted it. */
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
/* The name that it joined under. ERR_NOT_FOUND: none is kept. */
NODISCARD int membership_name(const char *dir, char *out, size_t size, struct err *err);
/* Joins the controller of the string under this name, and writes the files. Nothing is written
 * before the controller has agreed. If it is a member of that controller already, the string is
 * not used. */
NODISCARD int membership_join(const char *dir, const char *name, const struct join_text *join,
                              struct membership *ret, struct err *err);
/* The controller wants a new key or token instead of this one. Makes it, or finds the one that an
 * earlier process made, and says its hash, and an id for the credential. */
NODISCARD int membership_renew(const char *dir, const char *name, const struct membership *m,
                               char ret_id[CREDENTIAL_ID_CHARS + 1],
                               char ret_hash[CREDENTIAL_HASH_CHARS + 1], struct err *err);
/* The controller has taken it: it replaces the old one in m and in the files. ERR_NOT_FOUND: none was
 * made. */
NODISCARD int membership_renewed(const char *dir, struct membership *m, struct err *err);
void membership_forget_renewal(const char *dir, const struct membership *m);
/* Removes the files: the next membership_join makes another key. */
void membership_forget(const char *dir);
void membership_done(struct membership *m);
