/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether a request may be served: it names this machine, comes from no foreign page, and has a
 * credential with the scope that the route requires. */
#include "orchestrator/core/trust/trust.h"
#include "orchestrator/server/server_inside.h"

/* Takes over the key of the configuration, if it has one. */
void server_judge_start(struct server *s);
/* Returns 0 and fills in by and agent; or the HTTP status to refuse it with, and the reason. The
 * strings of r are valid until the next fact. */
int server_judge(const struct server *s, struct server_request *r, const char **ret_why);
/* Judges the text of a token. */
struct trust_verdict server_judge_token(const struct server *s, const char *token);
