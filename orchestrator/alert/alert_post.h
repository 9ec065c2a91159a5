/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One message as the body of a POST to a URL. Redirections are not followed, and nothing is sent twice. */
#include "base/err.h"
#include "orchestrator/alert/alert_program.h"
#include "orchestrator/alert/alert_url.h"

struct alert_post;

/* Calls done once, from the loop, with NULL if the answer has a status of 200 to 299; then it is freed. Both
 * texts must last until then. An error here: nothing is sent. */
NODISCARD int alert_post_begin(struct uv_loop_s *loop, const struct alert_url *url,
                               const char *text, alert_done_fn done, void *arg,
                               struct alert_post **ret, struct err *err);
/* Gives up: done is not called. */
void alert_post_leave(struct alert_post *p);
