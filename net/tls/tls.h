/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* TLS 1.3 as a stream over another. The handshake has 5 s and 64 KiB; what is written
 * before it has ended is sent after it. A stream is `up` when the handshake has ended. A client
 * that refuses its server ends with ERR_IDENTITY as the stream's code, one whose server does not
 * speak TLS 1.3 with ERR_PROTOCOL; trouble with the network has no code. Decides nothing about
 * clients: their keys are for the server to judge. */
#include <uv.h>
#include "base/buf.h"
#include "base/err.h"
#include "net/stream.h"
#include "net/tls/identity.h"

struct tls_server;
NODISCARD int tls_server_new(uv_loop_t *loop, const struct identity *id, struct tls_server **ret,
                             struct err *err);
void tls_server_free(struct tls_server *server); /* its streams stay; takes NULL */
/* Takes over `below`, which a listener accepted, and is to be begun (or closed) like it. A client
 * that speaks HTTP without TLS gets an answer that says so. */
struct stream *tls_accept(const struct tls_server *server, struct stream *below);

struct tls_trust {
    const char *pin;  /* fingerprint of the server's key; NULL: its certificate must be for `host`,
                         from an authority that the system trusts */
    const char *host; /* the server's name; NULL: as in the address */
    const struct identity *identity; /* the client's; NULL for none */
};
/* To HOST:PORT (net/socket.h). handler: NULL where the stream gets it before the loop runs. */
NODISCARD int tls_connect(uv_loop_t *loop, const char *address, const struct tls_trust *trust,
                          const struct stream_handler *handler, struct stream **ret,
                          struct err *err);
/* Over a stream that is connected already; closed if this fails. */
NODISCARD int tls_open(uv_loop_t *loop, struct stream *below, const struct tls_trust *trust,
                       const struct stream_handler *handler, struct stream **ret, struct err *err);

/* The fingerprint of the key that the peer has proved to have; "" if it showed none, if the stream
 * is not up, or not TLS. The dates in a client's certificate are only its claim: the one who accepts
 * a key decides how long it is valid. */
void tls_peer_key(const struct stream *s, char out[IDENTITY_FINGERPRINT_BYTES]);
/* Of a client's stream that is up: the certificate that the server has shown is appended to pem. Returns
 * false if there is none. */
struct tls_certificate {
    bool own;   /* signed by the server's own key, not by an authority */
    bool named; /* for this host: a name, or an address without brackets */
};
bool tls_peer_certificate(const struct stream *s, const char *host, struct tls_certificate *ret,
                          struct buf *pem);
/* The file of certificate authorities that programs of this system trust; NULL if none is found. */
const char *tls_authorities(void);
