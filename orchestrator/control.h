/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The control socket of a store: how other besom commands reach the process that writes it. One JSON
 * line a connection, answered by one. To steer: {"op":"cancel","sweep":"ID"}, answered by
 * {"ok":true,"message":…}. {"op":"retry","sweep":"ID","states":["failed"],"trials":[3]} has trials run
 * again: those of the list, or all where it is absent, that are in one of the states. For a piece of a log: {"op":"log","agent":NAME} and the fields of
 * MESSAGE_LOG_READ but for its request, answered by {"ok":true} and what MESSAGE_LOG has in from, to,
 * end and bytes. An error is {"error":…,"code":"ERR_…"}. The socket lies in the store's folder, which
 * says who may use it. */
#include "orchestrator/core/controller/controller.h"

struct uv_loop_s;
struct control;

struct control_handler {
    void (*command)(void *arg, uint64_t request, enum controller_command command,
                    const char *sweep);
    void (*retry)(void *arg, uint64_t request, const char *sweep, const struct event_retry *retry);
    /* a MESSAGE_LOG_READ, with the name of the agent */
    void (*log)(void *arg, uint64_t request, const struct message *ask);
    void *arg;
};

/* Listens on DIR/control.sock, replacing one that nobody listens on: the caller holds the store's
 * lock. */
NODISCARD int control_listen(struct uv_loop_s *loop, const char *dir,
                             const struct control_handler *handler, struct control **ret,
                             struct err *err);
/* request 0 is nobody's, and one whose connection is gone is passed over. */
void control_reply(struct control *c, uint64_t request, int code, const char *text);
void control_answer(struct control *c, uint64_t request, const struct value *answer);
void control_close(struct control *c); /* frees itself from the loop; takes NULL */
