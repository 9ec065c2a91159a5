/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Files that wandb's clients send: the URL carries the right to it, and the body goes to a file beside the
 * store as it arrives. Then the desk gives it its name. */
#include "orchestrator/server/server_inside.h"

void server_upload_start(struct server *s);
void server_upload_head(struct server *s, struct http_request *http);
void server_upload_gone(struct server *s, uint64_t request);
void server_upload_answer(struct server *s, const struct server_request *r);
void server_upload_free(struct server *s);
