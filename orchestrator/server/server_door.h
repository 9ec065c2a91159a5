/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where connections come in: with TLS, the handshake comes before HTTP, so that the client's key is
 * known with its first request. Handshakes are bounded in number, in all and for each address: for
 * a further one, the oldest is closed. One that completes takes milliseconds, so those closed
 * belong to clients that do not speak, and others of their address still come in. */
#include "orchestrator/server/server_inside.h"

enum { SERVER_HANDSHAKES = 512, SERVER_PEER_HANDSHAKES = 256 };

NODISCARD int server_door_open(struct server *s, struct err *err);
int server_door_port(const struct server *s);
void server_door_close(struct server *s); /* the loop must run on; then server_door_free */
void server_door_free(struct server *s);
