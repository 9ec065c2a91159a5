/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Asks the controller on the network what wandb's client of a training asks (wandb_upstream.h), over
 * connections of its own with the agent's credential. Large bodies go from and to files. */
#include "agent/wandb/wandb_upstream.h"
#include "base/err.h"

struct stream;
struct uv_loop_s;
struct wandb_link;

struct wandb_link_config {
    struct uv_loop_s *loop;
    const char *dir; /* the agent's: for downloads */
    /* As in agent/code/code_fetch.h. */
    int (*connect)(void *arg, struct stream **ret, const char **host, const char **token,
                   struct err *err);
    void *arg;
};

struct wandb_link *wandb_link_new(const struct wandb_link_config *config);
struct wandb_upstream wandb_link_upstream(struct wandb_link *l);
/* All that waits is answered by 503. The loop must run on; takes NULL. */
void wandb_link_close(struct wandb_link *l);
void wandb_link_free(struct wandb_link *l); /* takes NULL */
