/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the trainings of an agent report to when they use wandb: an HTTP server on loopback, whose
 * port and keys stay the same when the agent is started again. What a training logs becomes metrics
 * of its attempt (agent/wandb/wandb_runs.h), whether or not the controller can be reached. */
#include "agent/wandb/wandb_access.h"
#include "agent/wandb/wandb_upstream.h"

struct uv_loop_s;
struct wandb_front;

enum wandb_state { WANDB_GONE, WANDB_RUNNING, WANDB_STOPPING };

struct wandb_handler {
    enum wandb_state (*state)(void *arg, const struct agent_key *key); /* of an attempt */
    void (*collected)(void *arg, const struct agent_key *key);         /* wandb_front_collect */
    void *arg;
};

struct wandb_front_config {
    struct uv_loop_s *loop;
    const char *dir; /* the agent's, absolute; keeps the port and the secret in its file `wandb` */
    struct wandb_handler handler;
    /* What the client says of runs is kept (wandb_spool.h) and forwarded to it, and what is not about
     * the attempt's own run is asked there. Without one, it stays with the metrics. */
    struct wandb_upstream upstream;
    uint64_t spool_max; /* as in wandb_forward.h */
    void (*warned)(void *arg, const char *text);
    void (*forwarded)(void *arg); /* less waits to be forwarded than before */
    void *arg;
};

NODISCARD int wandb_front_start(const struct wandb_front_config *config, struct wandb_front **ret,
                                struct err *err);
const struct wandb_access *wandb_front_access(const struct wandb_front *f);
/* Reads what wandb's client has left behind, for an attempt that has ended with this code
 * (agent/wandb/wandb_collect.h), and calls `collected` then. False where there is nothing to read. */
bool wandb_front_collect(struct wandb_front *f, const struct agent_key *key, int code);
void wandb_front_drop(struct wandb_front *f, const struct agent_key *key); /* it has ended */
/* Whether the script of the attempt has a run of wandb that it has not finished. */
bool wandb_front_has_run(const struct wandb_front *f, const struct agent_key *key);
/* The controller can be reached again. */
void wandb_front_retry(struct wandb_front *f);
/* Bytes that wait to be forwarded. */
uint64_t wandb_front_waiting(const struct wandb_front *f);
/* The loop must run until its handles are closed; then call wandb_front_free. All take NULL. */
void wandb_front_close(struct wandb_front *f);
void wandb_front_free(struct wandb_front *f);
