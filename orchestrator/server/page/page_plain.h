/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What browsers without scripts get, and every browser where besom was built without node: the list
 * of sweeps and the trials of one, as tables of HTML. */
#include "orchestrator/server/server_inside.h"
#include "orchestrator/view/view.h"

enum { PAGE_PLAIN_TRIALS = 1000 };

/* Appends the page of this sweep, or of all if it is "". On a thread of the views. */
NODISCARD int page_plain_write(struct view *v, const char *sweep, struct buf *out, struct err *err);
/* packed: it is compressed (server_pack.h). */
void page_plain_send(struct server *s, uint64_t request, int status, const struct buf *html,
                     bool packed);
/* Asks for a token; why: what was wrong with the last one, or NULL. */
void page_plain_ask(struct server *s, uint64_t request, const char *why);
/* The token of that form becomes a session. */
void page_plain_sign_in(struct server *s, const struct server_request *r);
