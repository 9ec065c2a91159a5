/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Steering a sweep through the process that writes its store: one line to the socket in the store,
 * one line back. Knows no command by name. */
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

struct arena;
struct steer_request;
struct value;

/* store: its path. Sends the request, which names a sweep in "sweep", and returns the answer; one
 * that is an error is returned as that error. The rest as below. */
NODISCARD int steer_live_ask(const char *store, const struct value *request, struct arena *a,
                             struct value **ret, bool *ret_nobody, struct err *err);
/* Sends {"op":…,"sweep":…} and the rest of the request and appends the answer's message to
 * `message`; an answer that is an error is returned as that error. *ret_nobody: no process
 * listens, and nothing was done. ERR_UNREACHABLE, at once if the process is stopped and otherwise
 * after 10 s, names the process that does not answer and what to do. */
NODISCARD int steer_live(const char *store, const struct steer_request *request,
                         struct buf *message, bool *ret_nobody, struct err *err);
