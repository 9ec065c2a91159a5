/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Frames to and from a peer over a stream, and heartbeats. An empty frame is a beat: it is sent
 * when nothing else was for beat_ms, and a link on which nothing arrived for silent_ms is closed.
 * After a pause of this process itself, the peer gets the full time again. However a link ends,
 * `down` is called exactly once, from the loop, and the link is freed after it. Frames are those of
 * net/frame.h, or the text messages of a WebSocket. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>
#include "base/err.h"

struct link;
struct stream;

enum { LINK_BEAT_MS = 5000, LINK_SILENT_MS = 20000 };

struct link_handler {
    void (*up)(void *arg); /* of link_connect and link_dial: it is connected */
    void (*frame)(void *arg, const char *text, size_t len);
    /* silent_ms: since something was last heard from the peer */
    void (*down)(void *arg, const char *why, int64_t silent_ms);
    void *arg;
    uint32_t beat_ms, silent_ms; /* 0: as above */
    /* Called before `down` if trying again is useless until somebody acts: the server refused the
     * handshake with this HTTP status, or the stream found a fault (status 0). May be NULL. */
    void (*refused)(void *arg, int code, int status, const char *why);
};

/* Takes over fd, a connected stream socket. */
NODISCARD int link_open(uv_loop_t *loop, int fd, const struct link_handler *handler,
                        struct link **ret, struct err *err);
/* Connects to HOST:PORT or unix:PATH (net/socket.h). */
NODISCARD int link_connect(uv_loop_t *loop, const char *address, const struct link_handler *handler,
                           struct link **ret, struct err *err);
/* Takes ownership of s, which a listener accepted. */
struct link *link_accept(uv_loop_t *loop, struct stream *s, const struct link_handler *handler);
/* The same for a stream that was handed over by http_server_upgrade, with the bytes that it had
 * read. It speaks WebSocket. */
struct link *link_accept_web(uv_loop_t *loop, struct stream *s, const char *rest, size_t len,
                             const struct link_handler *handler);

struct link_target {
    const char *host, *path; /* of the URL */
    const char *token;       /* for `Authorization: Bearer`; NULL without */
};

/* Takes ownership of s, which is connecting and has no handler yet. It opens a WebSocket. */
struct link *link_dial(uv_loop_t *loop, struct stream *s, const struct link_target *target,
                       const struct link_handler *handler);
bool link_is_up(const struct link *l); /* it is connected: link_open and link_accept give one */
/* Queues a frame on a connected link; closes a peer that reads too slowly for its queue. */
void link_send(struct link *l, const char *text, size_t len);
/* Between these calls, no frame is passed on and nothing is read. */
void link_pause(struct link *l);
void link_resume(struct link *l);
void link_close(struct link *l, const char *why); /* may be called twice */
