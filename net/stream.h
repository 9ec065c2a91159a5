/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A stream of bytes to a peer: net/socket.h over a pipe or TCP, or net/tls/tls.h over another
 * stream. The protocols on it (frames in net/link.h, later HTTP and WebSocket) know only this
 * interface. Writes are bounded. However a stream ends, `down` is called exactly once, from the
 * loop, and the stream is freed after it. */
#include <stdbool.h>
#include <stddef.h>

struct stream;

enum { STREAM_END_MS = 5000 };

struct stream_handler {
    void (*up)(void *arg); /* it is connected; NULL where it is from the start */
    void (*read)(void *arg, const char *bytes, size_t len); /* bytes: valid during the call */
    void (*down)(void *arg, const char *why);
    void *arg;
    void (*sent)(void *arg); /* everything queued was sent; may be NULL */
};

struct stream_type {
    void (*write)(struct stream *s, const void *head, size_t head_len, const void *bytes,
                  size_t len);
    size_t (*unsent)(const struct stream *s);
    void (*read)(struct stream *s, bool on);
    void (*end)(struct stream *s);   /* leads to stream_down */
    void (*close)(struct stream *s); /* the same, soon, also after `end` */
};

struct stream {
    const struct stream_type *type;
    struct stream_handler handler;
    struct stream *below; /* NULL: none, or it is closed */
    bool ending, closed;
    bool eof; /* the peer has ended it in order: what was read is complete */
    int code; /* for `down`: an ERR_* where trying again would not help; else 0 */
    char why[192];
};

/* Sets the receiver of an accepted stream's events; reading begins now. */
void stream_begin(struct stream *s, const struct stream_handler *handler);
/* Queues a copy of both parts. Closes a peer that reads too slowly for its queue. */
void stream_write(struct stream *s, const void *head, size_t head_len, const void *bytes,
                  size_t len);
size_t stream_unsent(const struct stream *s); /* bytes queued */
void stream_pause(struct stream *s);          /* nothing is read until stream_resume */
void stream_resume(struct stream *s);
/* Ends it in order: everything queued is still sent, what arrives is dropped, and it closes when
 * the peer has closed its side too, or does not read for STREAM_END_MS. */
void stream_end(struct stream *s, const char *why);
/* Ends it at once: bytes that were not sent yet are lost. */
void stream_close(struct stream *s, const char *why); /* may be called twice */
/* For stream types, when everything queued was sent. */
void stream_sent(struct stream *s);
/* For stream types, when nothing of the stream is open any more: calls `down`. */
void stream_down(struct stream *s);
