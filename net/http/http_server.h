/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* An HTTP/1.1 server on streams that somebody else accepts: sockets, or TLS over them. Requests of
 * a connection are handled one after the other, so pipelined ones are answered in order. Memory and
 * time that clients can use is bounded: sizes by base/limits.h, deadlines by http_config, and the
 * number of connections in all, for each address, and for each address without an accepted request.
 * If there are too many, the one that has been idle longest is closed.
 * It knows no routes and no tokens. A malformed request never reaches its owner. */
#include <uv.h>
#include "net/http/http_service.h"

struct stream;
struct http_server;

struct http_server *http_server_new(uv_loop_t *loop, const struct http_config *config,
                                    const struct http_handler *handler);
/* Takes ownership of s. */
void http_server_accept(struct http_server *s, struct stream *stream, const struct http_peer *peer);
size_t http_server_connections(const struct http_server *s);
size_t http_server_unsent(const struct http_server *s); /* bytes queued, for all connections */
size_t http_server_unsent_to(struct http_server *s, uint64_t request); /* for that of one request */
/* Closes all connections. Frees itself from the loop; takes NULL. `gone` is still called. */
void http_server_close(struct http_server *s);

/* The head of a request that is not answered yet; NULL where its connection is gone. */
const struct http_head *http_server_head(struct http_server *s, uint64_t request);
/* Answers a request. Ignored where its connection is gone; true if it is not. */
bool http_server_reply(struct http_server *s, uint64_t request, const struct http_answer *answer);

/* Answers a request by a body whose length is not known, and which its owner gives piece by piece: the next one
 * when `drained` is called, or http_server_unsent_to() is small. A client that reads too slowly is closed. False
 * where no body is due: the connection is gone, or the request was HEAD. Not within `head`. */
bool http_server_pieces(struct http_server *s, uint64_t request, const struct http_answer *answer);
bool http_server_piece(struct http_server *s, uint64_t request, const void *bytes, size_t len);
/* Not whole: closes the connection, so that the client knows. */
void http_server_pieces_end(struct http_server *s, uint64_t request, bool whole);

/* Answers a request by a stream of server-sent events. headers: as in http_answer. */
bool http_server_events(struct http_server *s, uint64_t request, const char *headers);
/* Queues an event; id and name may be NULL. Closes a client that does not read its events. False
 * where the connection is gone. */
bool http_server_event(struct http_server *s, uint64_t request, const char *id, const char *name,
                       const char *data, size_t len);
void http_server_events_end(struct http_server *s, uint64_t request);

/* Closes the connections whose last request had this sender, at once: what waits to be sent to them
 * is lost. */
void http_server_drop(struct http_server *s, uint64_t sender, const char *why);

/* Answers a request by 101 and hands over its stream: the caller must call stream_begin before it
 * returns to the loop. Bytes after the request were read already: they are in *rest until then.
 * headers: those of the new protocol, as in http_answer. NULL where the connection is gone. */
struct stream *http_server_upgrade(struct http_server *s, uint64_t request, const char *headers,
                                   const char **rest, size_t *rest_len);
