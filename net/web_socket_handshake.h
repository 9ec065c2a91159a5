/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The handshake of WebSocket, an HTTP request and its response, for both sides. Knows no socket. */
#include "base/buf.h"

struct http_head;

enum { WEB_SOCKET_HANDSHAKE_KEY_BYTES = 25, WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES = 29 };

/* The key of a client, from 16 random bytes. */
void web_socket_handshake_key(const unsigned char random[16],
                              char out[WEB_SOCKET_HANDSHAKE_KEY_BYTES]);
/* What a server answers to a key. */
void web_socket_handshake_accept(const char *key, char out[WEB_SOCKET_HANDSHAKE_ACCEPT_BYTES]);

/* Whether a request asks for a WebSocket: 0, or the status to refuse it with (400, 405, 426; with
 * 426 goes the header WEB_SOCKET_HANDSHAKE_VERSION) and the reason. */
int web_socket_handshake_check(const struct http_head *request, const char **why);
#define WEB_SOCKET_HANDSHAKE_VERSION "Sec-WebSocket-Version: 13\r\n"
/* Appends the headers of the answer to such a request, for http_server_upgrade. */
void web_socket_handshake_answer(const struct http_head *request, struct buf *out);

/* Appends the request of a client. token: for `Authorization: Bearer`; NULL without. */
void web_socket_handshake_request(struct buf *out, const char *host, const char *path,
                                  const char *token, const char *key);
/* Whether a response with status 101 accepts the key. */
bool web_socket_handshake_verify(const struct http_head *response, const char *key);
