/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* wandb's clients over HTTP: passes their requests to the desk (orchestrator/wandb/wandb_desk.h), and its
 * answers back. Bounds the memory of bodies that arrive or wait: beyond it, clients are told to come
 * again. What the clients tell their maker about themselves is swallowed. */
#include "orchestrator/server/server_inside.h"
#include "protocol/wandb/wandb_exchange.h"

void server_wandb_start(struct server *s);
/* The head of a request was read: grants room for its body, or refuses it. */
void server_wandb_head(struct server *s, struct http_request *http);
void server_wandb_reply(struct server *s, uint64_t request, const struct wandb_reply *reply);
void server_wandb_answer(struct server *s, const struct server_request *r);
/* Asks the desk for it, and answers the request with what the desk says. */
void server_wandb_ask(struct server *s, const struct server_request *r,
                      const struct wandb_ask *ask);
void server_wandb_gone(struct server *s, uint64_t request);
void server_wandb_free(struct server *s);
