/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Tells a hook once of each alert, when it begins, and of the end of each sweep. That it was told is an action in
 * the store's record (VIEW_TOLD), durable before the message leaves, so a restart does not repeat it; a crash at
 * that moment loses the message. Delays nothing: it looks at the fleet every few seconds, and at the trials of
 * sweeps on a thread. */
#include "orchestrator/driver.h"

struct alert_hook;
struct alert_watch;

struct alert_watch_config {
    struct uv_loop_s *loop;
    struct driver *driver;
    struct alert_hook *hook;
    const char *dir;   /* absolute: the store's */
    const char *sweep; /* this one and the agents; NULL: all sweeps */
    const char *page; /* where the page is, for links, such as "https://gpu0:8470"; NULL: nowhere */
    void (*failed)(void *arg, const char *text); /* a line for people */
    void (*idle)(void *arg); /* alert_watch_is_idle() has become true; may be NULL */
    void *arg;
};

/* All that it points to must outlive it. */
NODISCARD int alert_watch_start(const struct alert_watch_config *config, struct alert_watch **ret,
                                struct err *err);
/* Nothing that is known of is left to be told. */
bool alert_watch_is_idle(const struct alert_watch *w);
/* Before the driver is closed. The loop must run on; then free it. Both take NULL. */
void alert_watch_close(struct alert_watch *w);
void alert_watch_free(struct alert_watch *w);
