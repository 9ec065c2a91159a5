/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A controller on the network, as a command uses it. Where a command takes a store, it takes the
 * address of a controller as well, which begins with http:// or https://, while the path of a store
 * begins with a slash. The credential is in $BESOM_TOKEN. Each call waits for its answer, and fails
 * after 10 s without a sign of life from the controller. The connection is kept between calls. */
#include <stdbool.h>
#include "base/err.h"
#include "base/value.h"

struct endpoint;
struct identity;
struct invocation;
struct remote;

bool remote_is_address(const char *store);
/* The address that a call names by --server or $BESOM_SERVER; NULL where it means a store of this
 * machine: --store comes before $BESOM_SERVER. */
const char *remote_address(const struct invocation *inv);

/* Connects with the first question. ERR_USAGE: the address is malformed. */
NODISCARD int remote_open(const char *address, struct remote **ret, struct err *err);
/* The same with another credential than that of the environment: a token, the client's own key in
 * TLS, or both; each may be NULL. The identity must outlive it. */
NODISCARD int remote_open_as(const struct endpoint *endpoint, const char *token,
                             const struct identity *identity, struct remote **ret, struct err *err);
void remote_close(struct remote *r); /* takes NULL */

/* GET and POST of a path below /api/v1/; the answer is JSON. An error of the controller is returned
 * as that error; ERR_UNREACHABLE where it cannot be reached, ERR_IDENTITY where its key is another,
 * ERR_PERMISSION where the credential is refused. */
NODISCARD int remote_get(struct remote *r, const char *path, struct arena *a, struct value **ret,
                         struct err *err);
/* The body is bytes. */
NODISCARD int remote_post_bytes(struct remote *r, const char *path, const void *bytes, size_t len,
                                struct arena *a, struct value **ret, struct err *err);
NODISCARD int remote_post(struct remote *r, const char *path, const struct value *body,
                          struct arena *a, struct value **ret, struct err *err);
