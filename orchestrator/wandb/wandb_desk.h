/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Answers wandb's clients at the controller: what scripts log is stored as runs (orchestrator/runs/), and
 * what they ask is read from there. Requests are handled on a thread of their own, in the order in
 * which they came. All that wait share one transaction, and are answered when it is durable. A fault of
 * runs.db is answered by 503, which clients try again; the store of sweeps does not suffer.
 * The operations are in wandb_desk_table.c; how to write one is in desk_call.h and desk_later.h. */
#include "protocol/wandb/wandb_exchange.h"
#include "base/err.h"

struct driver;
struct uv_loop_s;
struct files;
struct wandb_desk;

struct wandb_desk_config {
    struct uv_loop_s *loop;
    const char *dir;       /* absolute: the store's, whose lock is held */
    struct driver *driver; /* for what concerns sweeps; NULL: nobody asks for that */
    uint64_t files_max;    /* bytes of files that are kept; 0: the default */
    int64_t lost_ms; /* an agent of wandb's that is silent for longer is lost; 0: the default */
    /* A run has raised an alert: a JSON object. On the loop; may be NULL. */
    void (*alert)(void *arg, const char *json);
    void *arg;
};

/* Touches no file before the first request. The configuration is copied, but not the text in it. */
NODISCARD int wandb_desk_start(const struct wandb_desk_config *config, struct wandb_desk **ret,
                               struct err *err);
/* Calls fn on the loop, later. The request is copied. */
void wandb_desk_ask(struct wandb_desk *d, const struct wandb_ask *ask, wandb_reply_fn fn,
                    void *arg);
/* Who waits for the answer to this is gone. */
void wandb_desk_gone(struct wandb_desk *d, void *arg);
/* Where the body of a PUT becomes a file before it is asked about. */
struct files *wandb_desk_files(struct wandb_desk *d);
/* What is under way is still done and answered; the loop must run on until then. Then free it. Both take
 * NULL. */
void wandb_desk_close(struct wandb_desk *d);
void wandb_desk_free(struct wandb_desk *d);
