/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Documents about the store (orchestrator/view/view_answer.h), read on threads of their own: a long
 * list must not delay an agent. */
#include "orchestrator/server/server_inside.h"

void server_read_start(struct server *s);
void server_read_answer(struct server *s, const struct server_request *r);
/* The same as a page of HTML: of the sweep that the route's "*" names, or of all. */
void server_read_plain(struct server *s, const struct server_request *r);
void server_read_close(struct server *s); /* the loop must run on; then server_read_free */
void server_read_free(struct server *s);
