/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The client's side of a WebSocket handshake: builds the request and reads the response. Knows no
 * socket. For net/link.c. */
#include "net/http/http_reader.h"
#include "net/web_socket_handshake.h"

struct dial {
    struct buf request; /* to be sent first */
    char key[WEB_SOCKET_HANDSHAKE_KEY_BYTES];
    struct http_reader reader;
    struct buf body; /* of a refusal */
};

/* token: NULL without. random: 16 bytes. */
void dial_init(struct dial *d, const char *host, const char *path, const char *token,
               const unsigned char *random);
void dial_done(struct dial *d);
/* Takes bytes off the front of *bytes. Returns 1 when the WebSocket is open; the bytes that are left
 * belong to it. 0 if more are needed; else an ERR_*, with the response's status in *status, or 0 if
 * there was no response. ERR_UNREACHABLE: trying again later may help. */
NODISCARD int dial_read(struct dial *d, const char **bytes, size_t *len, int *status,
                        struct err *err);
/* The stream has ended: some responses end with it. As dial_read. */
NODISCARD int dial_close(struct dial *d, int *status, struct err *err);
