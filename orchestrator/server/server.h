/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's front on the network: one port with HTTP/1.1, the agents' WebSocket and, beyond
 * loopback, TLS. It turns requests into the same events that the control socket does, and reads the
 * same views. Nothing is served without a credential but /healthz. */
#include "net/tls/identity.h"
#include "orchestrator/driver.h"

struct server;

struct server_config {
    struct uv_loop_s *loop;
    struct driver *driver;
    const char *dir;                 /* absolute: the store's */
    const char *address;             /* HOST:PORT, with HOST an IP address */
    const struct identity *identity; /* NULL: plain HTTP, on loopback alone */
    const char *const *hosts;        /* further names of this machine; ended by NULL; NULL: none */
};

/* The configuration and what it points to must outlive it. */
NODISCARD int server_start(const struct server_config *config, struct server **ret,
                           struct err *err);
int server_port(const struct server *s);
void server_close(struct server *s); /* the loop must run on; then server_free; takes NULL */
void server_free(struct server *s);  /* takes NULL */
