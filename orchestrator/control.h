/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The control socket of a store: how `besom cancel` and its like reach the process that writes it.
 * One JSON line a connection, {"op":"cancel","sweep":"ID"}, answered by one:
 * {"ok":true,"message":…} or
 * {"error":…,"code":"ERR_…"}. The socket lies in the store's folder, which says who may use it. */
#include "orchestrator/core/controller/controller.h"

struct uv_loop_s;
struct control;
typedef void (*control_request_fn)(void *arg, uint64_t request, enum controller_command command,
                                   const char *sweep);

/* Listens on DIR/control.sock, replacing one that nobody listens on: the caller holds the store's
 * lock. */
NODISCARD int control_listen(struct uv_loop_s *loop, const char *dir, control_request_fn fn,
                             void *arg, struct control **ret, struct err *err);
/* request 0 is nobody's, and one whose connection is gone is passed over. */
void control_reply(struct control *c, uint64_t request, int code, const char *text);
void control_close(struct control *c); /* frees itself from the loop; takes NULL */
