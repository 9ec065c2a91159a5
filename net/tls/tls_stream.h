/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The stream of net/tls/tls.h, for net/tls/ alone: handshake, encryption, and how it ends. */
#include <uv.h>
#include "net/stream.h"
#include "net/tls/context.h"

enum { TLS_STREAM_HANDSHAKE_MS = 5000 };

/* Both take over `below`; the context stays the caller's. */
struct stream *tls_stream_accept(uv_loop_t *loop, struct stream *below, SSL_CTX *context);
/* The handshake begins when `below` is up. host: "" where none is expected; pin: "" for none. */
struct stream *tls_stream_connect(uv_loop_t *loop, struct stream *below, SSL_CTX *context,
                                  const char *host, const char *pin);
void tls_stream_start(struct stream *s);            /* of one whose `below` is up already */
const char *tls_stream_key(const struct stream *s); /* see tls_peer_key */
/* That the peer has shown; NULL if there is none. The stream keeps it. */
X509 *tls_stream_certificate(const struct stream *s);
