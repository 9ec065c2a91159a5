/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the trainings of an agent report to when they use wandb: an HTTP server on loopback, whose
 * port and keys stay the same when the agent is started again. What a training logs becomes metrics
 * of its attempt (agent/wandb/wandb_runs.h), whether or not the controller can be reached. */
#include "agent/wandb/wandb_access.h"

struct uv_loop_s;
struct wandb_front;

enum wandb_state { WANDB_GONE, WANDB_RUNNING, WANDB_STOPPING };

struct wandb_handler {
    enum wandb_state (*state)(void *arg, const struct agent_key *key); /* of an attempt */
    void (*collected)(void *arg, const struct agent_key *key);         /* wandb_front_collect */
    void *arg;
};

/* dir: the agent's, absolute; keeps the port and the secret in its file `wandb`. */
NODISCARD int wandb_front_start(struct uv_loop_s *loop, const char *dir,
                                const struct wandb_handler *handler, struct wandb_front **ret,
                                struct err *err);
const struct wandb_access *wandb_front_access(const struct wandb_front *f);
/* Reads what wandb's client has left behind, for an attempt that has ended (agent/wandb/wandb_collect.h), and
 * calls `collected` then. False where there is nothing to read. */
bool wandb_front_collect(struct wandb_front *f, const struct agent_key *key);
void wandb_front_drop(struct wandb_front *f, const struct agent_key *key); /* it has ended */
/* The loop must run until its handles are closed; then call wandb_front_free. Both take NULL. */
void wandb_front_close(struct wandb_front *f);
void wandb_front_free(struct wandb_front *f);
