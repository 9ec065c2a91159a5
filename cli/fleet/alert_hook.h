/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Passes the alerts of runs on to a program: it is started for each, without arguments, and gets the alert
 * as a JSON object on its standard input. One runs at a time, for at most 30 s; of those that wait, the
 * ones beyond 64 are dropped. */
#include "base/err.h"

struct alert_hook;
struct uv_loop_s;

/* ERR_USAGE: the program cannot be executed. program must outlive it; a path, not looked up. */
NODISCARD int alert_hook_new(struct uv_loop_s *loop, const char *program, struct alert_hook **ret,
                             struct err *err);
void alert_hook_run(struct alert_hook *h, const char *json); /* copies */
/* The program that runs is left alone. The loop must run on; then free it. Both take NULL. */
void alert_hook_close(struct alert_hook *h);
void alert_hook_free(struct alert_hook *h);
