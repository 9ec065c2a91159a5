/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Forwards the spools of runs (wandb_spool.h) to the controller: of each the requests in their order, and
 * the spools of a trial's attempts one after the other. All can be sent twice without harm, so what was
 * not answered is sent again, by the next process too. */
#include "agent/wandb/wandb_upstream.h"

struct uv_loop_s;
struct wandb_forward;

struct wandb_forward_config {
    struct uv_loop_s *loop;
    const char *dir;  /* the agent's */
    const char *base; /* the front's URL */
    struct wandb_upstream upstream;
    uint64_t
        max; /* bytes that wait; beyond it, uploads and then the oldest rows are given up; 0: no bound */
    void (*changed)(void *arg); /* less waits than before */
    void (*warned)(void *arg, const char *text);
    void *arg;
};

/* Begins with what earlier processes have left. */
struct wandb_forward *wandb_forward_new(const struct wandb_forward_config *config);
/* The spool of an attempt has grown. */
void wandb_forward_wake(struct wandb_forward *f, const struct agent_key *key);
/* The controller can be reached again: does not wait any longer. */
void wandb_forward_retry(struct wandb_forward *f);
/* Whether something that was said of the run of the attempt, or of its trial's earlier attempts, is on its
 * way to the controller: questions about it have to wait, until `changed`. */
bool wandb_forward_is_behind(const struct wandb_forward *f, const struct agent_key *key);
/* Bytes of requests and uploads that were not forwarded yet. */
uint64_t wandb_forward_waiting(const struct wandb_forward *f);
void wandb_forward_close(struct wandb_forward *f); /* the loop must run on; takes NULL */
void wandb_forward_free(struct wandb_forward *f);  /* takes NULL */
