/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Streams over sockets: connected ones, ones that connect to an address, and ones that a listener
 * accepts. */
#include <uv.h>
#include "base/err.h"
#include "net/stream.h"

/* Takes over fd, a connected stream socket. */
NODISCARD int socket_open(uv_loop_t *loop, int fd, const struct stream_handler *handler,
                          struct stream **ret, struct err *err);
/* To HOST:PORT or unix:PATH. An error here is about the address; later errors go to `down`. Each
 * of a host's addresses is tried. */
NODISCARD int socket_connect(uv_loop_t *loop, const char *address,
                             const struct stream_handler *handler, struct stream **ret,
                             struct err *err);

enum { SOCKET_PEER_BYTES = 46 };
/* The IP address of the peer of a connected socket, or of the one below s; "" for a unix socket. */
void socket_peer(const struct stream *s, char out[SOCKET_PEER_BYTES]);

struct listener;
/* accepted() takes over s, and must call stream_begin or stream_close. */
typedef void (*listener_fn)(void *arg, struct stream *s);
/* Listens at unix:PATH, where no file may exist, or at HOST:PORT with HOST an IP address; port 0
 * means any free port. */
NODISCARD int socket_listen(uv_loop_t *loop, const char *address, listener_fn accepted, void *arg,
                            struct listener **ret, struct err *err);
int socket_listener_port(const struct listener *l);
void socket_listener_close(struct listener *l); /* frees itself from the loop; takes NULL */
