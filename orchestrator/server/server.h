/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The controller's front on the network: one port with HTTP/1.1, the agents' WebSocket and, beyond
 * loopback, TLS. It turns requests into the same events that the control socket does, and reads the
 * same views. Only /healthz and the page's files, in which nothing is secret,
 * are served without a credential. */
#include "orchestrator/server/server_config.h"

struct server;

/* The configuration and everything it points to must outlive the server. Close and free *ret after an
 * error too. */
NODISCARD int server_start(const struct server_config *config, struct server **ret,
                           struct err *err);
/* Closes what the holder of this credential has open; links of agents are the driver's. */
void server_revoked(struct server *s, const struct trust_credential *c);
int server_port(const struct server *s);
/* Whether pages or others follow the facts. */
bool server_is_followed(const struct server *s);
/* Tells them that the process ends: text is a JSON object of documents by their paths. Runs the loop
 * until that is sent, at most for so long. */
void server_bye(struct server *s, const char *text, size_t len, uint64_t most_ms);
void server_close(struct server *s); /* the loop must run on; then server_free; takes NULL */
void server_free(struct server *s);  /* takes NULL */
