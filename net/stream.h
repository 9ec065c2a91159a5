/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A stream of bytes to a peer: net/socket.h over a pipe or TCP; a later TLS stream will use
 * another stream below it. The protocols on it (frames in net/link.h, later HTTP and WebSocket)
 * know only this interface. Writes are bounded, and there is one way to close: however a stream
 * ends, `down` is called exactly once, from the loop, and the stream is freed after it. */
#include <stdbool.h>
#include <stddef.h>

struct stream;

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
    void (*close)(struct stream *s); /* leads to stream_down */
};

struct stream {
    const struct stream_type *type;
    struct stream_handler handler;
    bool closed, ending;
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
void stream_close(struct stream *s, const char *why); /* may be called twice */
/* Closes the stream when everything queued was sent. Reading goes on until then. */
void stream_end(struct stream *s, const char *why);
/* For stream types, when everything queued was sent. */
void stream_sent(struct stream *s);
/* For stream types, when nothing of the stream is open any more: calls `down`. */
void stream_down(struct stream *s);
