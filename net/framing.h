/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How messages are framed on a stream: by their length (net/frame.h) or by WebSocket. For net/link.c,
 * which otherwise treats both alike. */
#include "net/frame.h"
#include "net/web_socket.h"

struct stream;

enum framing_kind { FRAMING_LENGTH, FRAMING_WEB_SERVER, FRAMING_WEB_CLIENT };

struct framing {
    enum framing_kind kind;
    struct frame_decoder decoder;
    struct web_socket socket;
};

void framing_init(struct framing *f, enum framing_kind kind);
void framing_done(struct framing *f);
NODISCARD int framing_feed(struct framing *f, const void *bytes, size_t len, struct err *err);
/* The next message, valid until the next call on f. Returns 1, or 0 if none is complete yet, or
 * ERR_* where the peer breaks a rule or closes. Answers control frames on s. */
NODISCARD int framing_next(struct framing *f, struct stream *s, const char **text, size_t *len,
                           struct err *err);
void framing_send(struct framing *f, struct stream *s, const char *text, size_t len);
/* Tells the peer that the stream will be closed, where the framing can say so. */
void framing_end(struct framing *f, struct stream *s, const char *why);
