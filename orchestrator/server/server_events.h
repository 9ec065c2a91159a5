/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Facts as server-sent events, from the number after Last-Event-ID or ?from=N on, else from now:
 * each is sent once, in order, after it is durable, and its number is the event's id. */
#include "orchestrator/server/server_inside.h"

void server_events_start(struct server *s);
void server_events_begin(struct server *s, const struct server_request *r);
size_t server_events_watchers(const struct server *s);
/* Sends the last event, `bye`, to each stream; a few of the brief streams also get this text. */
void server_events_bye(struct server *s, const char *text, size_t len);
bool server_events_have_ended(const struct server *s); /* by `bye` */
void server_events_gone(struct server *s, uint64_t request);
void server_events_close(struct server *s);
