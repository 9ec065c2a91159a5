/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Replies of the server: documents, and errors as {"error":TEXT,"code":"ERR_…"}, which the commands
 * turn back into the same error. Beside these, "errors":[{"message":TEXT}] is what wandb's clients
 * show. */
#include "base/buf.h"
#include "base/value.h"
#include "orchestrator/server/server_inside.h"

/* A short one. */
void server_reply_text(struct server *s, uint64_t request, const char *type, const char *text);
void server_reply_value(struct server *s, uint64_t request, const struct value *v);
/* Of any length, made by the loop, which compresses it in `out` if the client accepts that. */
void server_reply_made(struct server *s, uint64_t request, const char *type, struct buf *out);
/* Made by a thread; packed: it is compressed (server_pack.h). */
void server_reply_packed(struct server *s, uint64_t request, const char *type,
                         const struct buf *out, bool packed);
/* Bytes of something that has `size` of them in all, which the header Besom-Size tells. */
void server_reply_piece(struct server *s, uint64_t request, const void *bytes, size_t len,
                        uint64_t size);
/* status 0: the one for the code. */
void server_reply_error(struct server *s, uint64_t request, int status, int code, const char *text);
