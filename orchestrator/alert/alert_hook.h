/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Passes messages on to a program or a URL, one after the other, each once. One that takes too long is
 * ended; a failure is told and nothing is repeated. Bounded: ALERT_HOOK_WAITING messages wait, and after
 * ALERT_HOOK_BURST in a row one is sent in ALERT_HOOK_PACE_MS. Knows nothing of what the messages say. */
#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"

struct uv_loop_s;

enum {
    ALERT_HOOK_WAITING = 64,
    ALERT_HOOK_LIMIT_MS = 30000,
    ALERT_HOOK_BURST = 30,
    ALERT_HOOK_PACE_MS = 10000,
};

struct alert_hook;

struct alert_hook_config {
    struct uv_loop_s *loop;
    const char *target; /* the path of a program, not looked up, or a URL; must outlive the hook */
    uint32_t limit_ms;  /* for one message; 0: ALERT_HOOK_LIMIT_MS */
    void (*failed)(void *arg, const char *text); /* a line for people, without the URL's path */
    void *arg;
};

/* ERR_USAGE: the program cannot be executed, or the URL is malformed. */
NODISCARD int alert_hook_new(const struct alert_hook_config *config, struct alert_hook **ret,
                             struct err *err);
void alert_hook_send(struct alert_hook *h, const char *json); /* copies */
/* Calls idle(arg) whenever nothing waits or is sent any more. */
void alert_hook_follow(struct alert_hook *h, void (*idle)(void *arg), void *arg);
bool alert_hook_is_idle(const struct alert_hook *h);
/* A program that runs is left alone. The loop must run on; then free it. Both take NULL. */
void alert_hook_close(struct alert_hook *h);
void alert_hook_free(struct alert_hook *h);
