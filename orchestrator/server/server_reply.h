/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Replies of the server: documents, and errors as {"error":TEXT,"code":"ERR_…"}, which the commands
 * turn back into the same error. */
#include "base/value.h"
#include "orchestrator/server/server_inside.h"

void server_reply_text(struct server *s, uint64_t request, const char *type, const char *text,
                       size_t len);
void server_reply_value(struct server *s, uint64_t request, const struct value *v);
/* status 0: the one for the code. */
void server_reply_error(struct server *s, uint64_t request, int status, int code, const char *text);
