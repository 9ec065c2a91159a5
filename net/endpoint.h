/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The address of a controller as users write it, and a stream to it:
 *   https://HOST[:PORT][#sha256:FINGERPRINT]   the fingerprint pins its key; without one its
 *                                              certificate must be good for HOST
 *   http://HOST[:PORT]                         on this machine only */
#include <uv.h>
#include "base/err.h"
#include "net/stream.h"

struct identity;

enum { ENDPOINT_PORT = 8470, ENDPOINT_BYTES = 400 };

struct endpoint {
    bool tls;
    char host[256];    /* for the header and the certificate; IPv6 in brackets */
    char address[272]; /* HOST:PORT (net/address.h) */
    char pin[65];      /* "": none */
};

bool endpoint_is_text(const char *text);      /* begins with http:// or https:// */
bool endpoint_host_is_here(const char *host); /* on loopback */
/* ERR_USAGE says what is wrong. */
NODISCARD int endpoint_parse(const char *text, struct endpoint *ret, struct err *err);
void endpoint_print(const struct endpoint *e, char out[ENDPOINT_BYTES]);
/* The same for a browser: without the fingerprint. */
void endpoint_page(const struct endpoint *e, char out[ENDPOINT_BYTES]);
/* Connects; identity: the client's own key, or NULL. handler: NULL, and stream_begin later. */
NODISCARD int endpoint_connect(const struct endpoint *e, uv_loop_t *loop,
                               const struct identity *identity,
                               const struct stream_handler *handler, struct stream **ret,
                               struct err *err);
