/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One agent of wandb's client on the loop, for the files of this folder: does what its machine
 * (wandb_agent.h) decides, by the driver, runs.db and the answers to its heartbeats. */
#include "base/map.h"
#include "orchestrator/wandb/agents/wandb_agent.h"
#include "orchestrator/wandb/desk_later.h"
#include "orchestrator/wandb/desk_report.h"

struct wandb_client_run { /* that an agent was given */
    struct wandb_client *client;
    uint64_t trial, attempt, base;
    bool again;
    char name[48];
};

struct wandb_client {
    struct wandb_clients *all;
    struct wandb_agent core;
    uint32_t seat;
    struct desk_later *waiting; /* its heartbeat; NULL: none */
};

struct wandb_clients {
    struct desk_host *host;
    struct map clients; /* id -> struct wandb_client * */
    struct map runs;    /* name -> struct wandb_client_run * */
    bool closing;
};

struct wandb_now wandb_client_now(const struct wandb_clients *w);
struct wandb_client *wandb_client_find(const struct wandb_clients *w, const char *id);
struct wandb_client *wandb_client_new(struct wandb_clients *w, const char *id, const char *sweep,
                                      int64_t lost_ms);
/* Takes its seat with the driver, with the runs that it holds. */
void wandb_client_sit(struct wandb_client *c);
/* Answers its heartbeat, and forgets it; what it asks next, it is looked up for again. */
void wandb_client_free(struct wandb_client *c);
/* command: NULL for none. Does nothing where no heartbeat waits. */
void wandb_client_answer(struct wandb_client *c, struct value *command);
/* Call last: the agent may be gone after it. */
void wandb_client_do(struct wandb_client *c, const struct wandb_effects *out);
void wandb_client_ran(struct wandb_client *c, const struct wandb_client_run *run,
                      const struct desk_report *report, bool heard);
