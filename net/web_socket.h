/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The frames of WebSocket (RFC 6455) in a stream of bytes that come split anywhere, for both sides:
 * text messages alone, whole or in fragments, with control frames between them. It is strict: a
 * stream that breaks a rule is refused with the close code that the RFC asks for. Knows no socket
 * and no randomness. */
#include <stdint.h>
#include "base/buf.h"

enum web_socket_kind {
    WEB_SOCKET_MORE, /* more bytes are needed */
    WEB_SOCKET_TEXT, /* a whole message of valid UTF-8; may be empty */
    WEB_SOCKET_PING, /* answer it by a pong with the same text */
    WEB_SOCKET_PONG,
    WEB_SOCKET_CLOSE, /* the peer closes: its code is in close_code, its reason in the text */
    WEB_SOCKET_BAD,   /* why: in err; close_code: what to tell the peer */
};

enum {
    WEB_SOCKET_CLOSE_NORMAL = 1000,
    WEB_SOCKET_CLOSE_PROTOCOL = 1002,
    WEB_SOCKET_CLOSE_NOT_TEXT = 1003,
    WEB_SOCKET_CLOSE_NO_CODE = 1005, /* never sent */
    WEB_SOCKET_CLOSE_NOT_UTF8 = 1007,
    WEB_SOCKET_CLOSE_TOO_LARGE = 1009,
    WEB_SOCKET_HEADER_BYTES = 14,   /* at most */
    WEB_SOCKET_CONTROL_BYTES = 125, /* of the text of a ping, pong or close, at most */
};

struct web_socket {
    bool client;        /* this side is the client: its frames are masked, the peer's are not */
    struct buf pending; /* bytes as they came */
    size_t taken;       /* bytes at its front that were returned already */
    struct buf message; /* the fragments so far */
    bool fragments, bad;
    uint16_t close_code;
};

void web_socket_init(struct web_socket *w, bool client);
void web_socket_done(struct web_socket *w);
void web_socket_feed(struct web_socket *w, const void *bytes, size_t len);
/* The next frame that matters. Text is valid until the next call on w. After CLOSE and BAD nothing
 * can be read. */
enum web_socket_kind web_socket_next(struct web_socket *w, const char **text, size_t *len,
                                     struct err *err);
/* The header of a frame with len bytes; its length. mask: 4 random bytes of a client, NULL of a
 * server. kind: TEXT, PING, PONG or CLOSE. */
size_t web_socket_header(unsigned char out[WEB_SOCKET_HEADER_BYTES], enum web_socket_kind kind,
                         size_t len, const unsigned char *mask);
void web_socket_mask(char *bytes, size_t len, const unsigned char mask[4]);
