/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Operations of the desk that need the controller itself. They run on the loop, where nothing of runs.db
 * may be touched: what they want of it is done by desk_later_do. They call desk_later_answer once, at any
 * later time. */
#include "orchestrator/wandb/desk_call.h"

struct desk_later;
struct desk_work;
struct driver;
struct uv_loop_s;
struct wandb_agents;

/* What the desk offers to such operations; lives as long as the desk. */
struct desk_host {
    struct driver *driver;
    struct uv_loop_s *loop;
    const char *dir; /* the store's */
    struct wandb_agents *agents;
    void (*answer)(struct desk_later *l, int status, const struct value *document);
    void (*work)(struct desk_host *host, const struct desk_work *work);
};

/* A request that waits for its answer. */
struct desk_later {
    struct desk_host *host;
    struct arena *arena; /* until it is answered */
    const struct wandb_ask *ask;
    const struct value *variables;
    const void *who; /* waits: as in wandb_desk_ask */
};
typedef void (*desk_later_fn)(struct desk_later *l);
/* The whole document, {"data":{…}}. Frees l. */
void desk_later_answer(struct desk_later *l, const struct value *document);
/* A GraphQL error, which the client does not try again; with another status than 200 it does what that
 * status says (503: it comes again). Frees l. */
void desk_later_refuse(struct desk_later *l, int status, const char *text);

/* Runs `work` on the desk's thread, in one transaction with others that wait, then `done` on the loop
 * when that is durable, with the result. If it fails, nothing that it changed is stored. */
struct desk_work {
    int (*work)(void *arg, struct desk_call *c, struct err *err);
    void (*done)(void *arg, int code, const char *text); /* may be NULL */
    void *arg;
    bool writes;
};
void desk_later_do(struct desk_host *host, const struct desk_work *work);
