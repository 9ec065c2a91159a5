/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An HTTP/1.1 client on a stream: one request after the other on a kept connection. A response may
 * be a stream of server-sent events. */
#include <uv.h>
#include "base/err.h"
#include "net/http/http_head.h"
#include "net/tls/digest.h"

struct stream;
struct http_client;

struct http_response {
    const struct http_head *head; /* with its status */
    const char *body;             /* NUL-terminated; "" of events, and where it went to a file */
    uint64_t body_len;
    const struct digest *digest; /* of the body that went to a file; else NULL */
};

struct http_event {
    const char *id, *name; /* "" where there is none */
    const char *data;      /* NUL-terminated */
    size_t len;
};

struct http_call {
    const char *method, *target; /* the target is encoded: http_target_encode */
    const char *headers;         /* further ones, each with "\r\n" at its end; NULL without */
    const char *type;            /* of the body; NULL without a body */
    const void *body;
    uint64_t body_len;
    uint64_t response_limit; /* bytes of its body */
    /* The body is body_len bytes of the open file `from_fd`, from its beginning; the body of a response
     * with status 200 goes to the open file `to_fd`, and is on the disk when `done` is called; of other
     * responses, at most LIMIT_HTTP_BODY_BYTES are read. The client owns both files. */
    bool from_file, to_file;
    int from_fd, to_fd;
    uint32_t limit_ms; /* how long the server may be silent: neither connects, nor reads the
                                    request, nor answers; 0: no limit */
    /* Called exactly once, at the end; then the next call can be sent. Everything is valid until
     * it returns. Without a response: NULL, and why. The code is ERR_UNREACHABLE for trouble of
     * the network, where trying again may help. */
    void (*done)(void *arg, const struct http_response *r, const struct err *why);
    /* NULL: a stream of events is read as an ordinary body. */
    void (*event)(void *arg, const struct http_event *e);
    void *arg;
};

/* Takes ownership of s, which is connecting and has no handler yet (socket_connect, tls_connect).
 * host: for the Host header. */
struct http_client *http_client_new(uv_loop_t *loop, struct stream *s, const char *host);
/* Not while another call waits for its `done`. On a closed connection, the call fails. */
void http_client_send(struct http_client *c, const struct http_call *call);
bool http_client_is_open(const struct http_client *c); /* another call can be sent */
/* Its connection, for net/tls/tls.h; NULL if it has none any more. */
const struct stream *http_client_stream(const struct http_client *c);
/* Frees itself from the loop; takes NULL. A call that waits is dropped without `done`. */
void http_client_close(struct http_client *c);
