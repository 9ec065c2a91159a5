/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the HTTP server and its owner exchange: requests, answers, and the configuration. */
#include "net/http/http_head.h"
#include "net/tls/digest.h"

/* Who is at the other end of a connection: known when it is accepted. */
struct http_peer {
    char address[46]; /* IP address; "" for a unix socket */
    bool tls;
    char fingerprint[80]; /* of its TLS key; "" where it has shown none */
};

struct http_request {
    uint64_t id; /* never 0 */
    const struct http_head *head;
    const struct http_peer *peer;
    const char *body; /* NUL-terminated, uncompressed; in `request`; "" where it went to a file */
    uint64_t body_len;
    /* LIMIT_HTTP_BODY_BYTES, if `head` does not change it; of the body as it is sent and uncompressed. */
    uint64_t body_limit;
    /* `head` sets it where the body goes to the open file `fd`, which the server then owns. `request` is
     * called when it is on the disk; `gone`, where it never is. */
    bool to_file;
    int fd;
    const struct digest *digest; /* of the body that went to a file; in `request` */
    bool trusted;                /* `head` sets it where the sender may do what it asks for */
    uint64_t tag;                /* for the owner: kept from `head` to `request` */
    /* A number of the owner for the sender, which `head` or `request` sets: http_server_drop. */
    uint64_t sender;
};

/* All pointers are valid until the function returns. */
struct http_handler {
    /* The head of a request was read. To refuse it before its body is read, reply here. */
    void (*head)(void *arg, struct http_request *r);
    /* The whole request was read: reply now or later, begin events, or upgrade. */
    void (*request)(void *arg, struct http_request *r);
    /* The connection ended before the reply to a request that `head` has seen, or within its
     * events or pieces; or the server has refused the request itself. May be NULL. */
    void (*gone)(void *arg, uint64_t request);
    void *arg;
    /* All events or pieces that were queued for this request are sent. May be NULL. */
    void (*drained)(void *arg, uint64_t request);
};

/* An open file that becomes the body of an answer: the server takes ownership of it. */
struct http_answer_file {
    int fd;
    uint64_t size;
};

struct http_answer {
    int status;
    const char *type;    /* of the body: "application/json"; NULL without a body */
    const char *headers; /* further ones, each with "\r\n" at its end; NULL without */
    const void *body;
    size_t len;
    /* Not NULL: the body, in place of `body`; where the status is 200, only the part that the request asks
     * for. Not within `head`. */
    const struct http_answer_file *file;
    bool close; /* the connection, after this answer */
};

/* 0 in a field: its default. Rates are bytes a second, over a time of `rate_ms`. */
struct http_config {
    uint32_t header_ms; /* 10 s for a head, also from the connection to the first one */
    uint32_t idle_ms;   /* 75 s between two requests */
    uint32_t rate_ms;   /* 10 s */
    uint32_t body_rate; /* 1 KiB/s: a body that comes slower is refused */
    uint32_t read_rate; /* 1 KiB/s: a client that reads slower is closed */
    uint32_t beat_ms;   /* 15 s: a comment in events, where nothing else was sent */
    uint32_t connections, peer_connections, peer_strangers; /* LIMIT_HTTP_… */
};
