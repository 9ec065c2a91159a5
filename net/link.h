/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One connection that carries frames: a stream socket on the loop, a decoder, bounded writes, and
 * one way to close. Whatever ends it, `down` is called exactly once, from the loop, and the link is
 * gone after it. */
#include <stddef.h>
#include <uv.h>
#include "base/err.h"

struct link;

struct link_handler {
    void (*frame)(void *arg, const char *text, size_t len);
    void (*down)(void *arg, const char *why);
    void *arg;
};

/* Takes over fd, a connected stream socket. */
NODISCARD int link_open(uv_loop_t *loop, int fd, const struct link_handler *handler,
                        struct link **ret, struct err *err);
/* Queues a frame; a peer that reads too slowly for its queue is closed. */
void link_send(struct link *l, const char *text, size_t len);
/* Between these, no frame is handed out and nothing is read. */
void link_pause(struct link *l);
void link_resume(struct link *l);
void link_close(struct link *l, const char *why); /* may be called twice */
