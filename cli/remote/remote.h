/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A controller on the network, as commands use it. Wherever a command takes the path of a store, it
 * also takes the address of a controller, which begins with http:// or https://. The credential is in
 * $BESOM_TOKEN. Each call waits for its answer, and fails if the controller is silent for 10 s. The
 * connection is reused by later calls. */
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

struct endpoint;
struct identity;
struct invocation;
struct remote;

bool remote_is_address(const char *store);
/* The address that --server or $BESOM_SERVER gives; NULL if the command uses a store of this machine.
 * --store takes precedence over $BESOM_SERVER. */
const char *remote_address(const struct invocation *inv);

/* Connects with the first question. ERR_USAGE: the address is malformed. */
NODISCARD int remote_open(const char *address, struct remote **ret, struct err *err);
/* The same with a credential that is not from the environment: a token, the client's key for TLS, or
 * both; each may be NULL. The identity must outlive the remote. */
NODISCARD int remote_open_as(const struct endpoint *endpoint, const char *token,
                             const struct identity *identity, struct remote **ret, struct err *err);
void remote_close(struct remote *r); /* takes NULL */

/* GET and POST of a path below /api/v1/, or of one that begins with '/'; the answer is JSON. An error of the controller is returned
 * as that error. ERR_UNREACHABLE: no connection or no answer. ERR_IDENTITY: the controller has another
 * key. ERR_PERMISSION: it refuses the credential. */
NODISCARD int remote_get(struct remote *r, const char *path, struct arena *a, struct value **ret,
                         struct err *err);
/* The body is bytes. */
NODISCARD int remote_post_bytes(struct remote *r, const char *path, const void *bytes, size_t len,
                                struct arena *a, struct value **ret, struct err *err);
NODISCARD int remote_post(struct remote *r, const char *path, const struct value *body,
                          struct arena *a, struct value **ret, struct err *err);
/* PUT of the first `size` bytes of an open file, which is closed. The target is encoded. */
NODISCARD int remote_put(struct remote *r, const char *target, int fd, uint64_t size,
                         struct err *err);

/* Of the controller that answered last. */
struct remote_certificate {
    bool own;   /* signed by the controller's own key, not by an authority */
    bool named; /* for the host of the address */
};
/* Appends its certificate to pem. ERR_UNREACHABLE: the connection has ended. */
NODISCARD int remote_certificate(const struct remote *r, struct remote_certificate *ret,
                                 struct buf *pem, struct err *err);
