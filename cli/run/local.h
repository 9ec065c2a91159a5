/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A controller and an agent on one loop in this process, which speak the protocol over a socket
 * pair: used by `besom run`, and by a steering command if no process writes the store. */
#include <stdbool.h>
#include "orchestrator/driver.h"

struct gpu_host;
struct local;

#define LOCAL_AGENT "local" /* the agent's name */

enum local_next {
    LOCAL_CONTINUE,
    LOCAL_FINISH, /* when the agent has no attempt of the sweep left, and no kept sweep has more to do */
    LOCAL_LEAVE /* at once: running trials are left running */
};

struct local_config {
    const char *dir;   /* absolute: the store's */
    const char *sweep; /* the sweep that is run */
    uint32_t slots;
    const struct gpu_host *gpus; /* must outlive it; NULL: none */
    uint32_t shares;   /* trials that run at once, for their share of the processors; 0: slots */
    uint64_t most;     /* how many trials to run; 0: no bound */
    bool page;         /* serve the page on loopback */
    const char *alert; /* a program or URL that alerts are passed on to; NULL: none */
    /* Called after each commit, which may be empty. Returns what to do next. */
    enum local_next (*changed)(void *arg, const struct books *books);
    void (*second)(void *arg, const struct books *books); /* each second; may be NULL */
    void (*interrupted)(void *arg, int times);   /* a signal has asked for the end; may be NULL */
    void (*warned)(void *arg, const char *text); /* a warning; the run continues */
    void *arg;
};

/* Takes ownership of the store. */
NODISCARD int local_start(const struct local_config *config, struct store *store,
                          struct local **ret, struct err *err);
struct driver *local_driver(struct local *l);
struct uv_loop_s *local_loop(struct local *l);
const char *local_page_link(const struct local *l); /* of the page; "" if there is none */
/* Runs until `changed` returns LOCAL_FINISH and the agent has no attempt of the sweep left, until
 * it returns LOCAL_LEAVE, or until a signal has ended the trials. Returns 0, or the number of that
 * signal. A store that cannot be written ends the process, exit 6. */
int local_run(struct local *l);
void local_free(struct local *l);
