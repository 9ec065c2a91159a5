/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One connection of the HTTP server: reads requests, one at a time, and writes their answers in
 * order. For http_server.c. */
#include <uv.h>
#include "base/buf.h"
#include "net/http/http_service.h"

struct stream;
struct http_connection;

/* What all connections of a server share. */
struct http_shared {
    uv_loop_t *loop;
    struct http_config config; /* without zeros */
    struct http_handler handler;
    void (*closed)(void *server, uint64_t first_id); /* the connection is freed */
    void *server;
};

/* Takes ownership of s. Ids of its requests begin at first_id. */
struct http_connection *http_connection_new(const struct http_shared *shared, struct stream *s,
                                            const struct http_peer *peer, uint64_t first_id);
size_t http_connection_unsent(const struct http_connection *c); /* bytes queued */
const struct http_peer *http_connection_peer(const struct http_connection *c);
bool http_connection_is_trusted(const struct http_connection *c);
uint64_t http_connection_sender(const struct http_connection *c); /* of its last request; 0: none */
bool http_connection_is_busy(const struct http_connection *c);    /* a request is being answered */
/* The request that is unanswered, or whose events are sent; 0 if there is none. */
uint64_t http_connection_request(const struct http_connection *c);
const struct http_head *http_connection_head(const struct http_connection *c); /* its head */
void http_connection_reply(struct http_connection *c, const struct http_answer *answer);
void http_connection_pieces(struct http_connection *c, const struct http_answer *answer);
void http_connection_piece(struct http_connection *c, const void *bytes, size_t len);
void http_connection_pieces_end(struct http_connection *c, bool whole);
void http_connection_events(struct http_connection *c, const char *headers);
void http_connection_event(struct http_connection *c, const char *id, const char *name,
                           const char *data, size_t len);
void http_connection_events_end(struct http_connection *c);
struct stream *http_connection_upgrade(struct http_connection *c, const char *headers,
                                       const char **rest, size_t *rest_len);
void http_connection_close(struct http_connection *c, const char *why);
