/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The control socket of a store: how other besom commands reach the process that writes it. One
 * JSON line a connection (orchestrator/control_request.h), answered by one:
 * {"ok":true,"message":…}; for a piece of a log {"ok":true} and what MESSAGE_LOG has in from, to,
 * end and bytes. An error is {"error":…,"code":"ERR_…"}. The socket is in the store's folder,
 * whose permissions decide who may use it. The memory and time that clients can use is bounded,
 * and no client can block the others. */
#include "orchestrator/control_request.h"

struct uv_loop_s;
struct control;

struct control_handler {
    /* r is valid until the function returns. */
    void (*request)(void *arg, uint64_t request, const struct control_request *r);
    void *arg;
};

/* Listens on DIR/control.sock, replacing one that nobody listens on: the caller holds the store's
 * lock. */
NODISCARD int control_listen(struct uv_loop_s *loop, const char *dir,
                             const struct control_handler *handler, struct control **ret,
                             struct err *err);
/* ignores request 0, and a request whose connection is closed. */
void control_reply(struct control *c, uint64_t request, int code, const char *text);
void control_answer(struct control *c, uint64_t request, const struct value *answer);
void control_close(struct control *c); /* frees itself from the loop; takes NULL */
