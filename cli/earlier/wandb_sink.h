/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where runs of wandb are imported to: a store of this machine, whose lock it holds, or a controller on
 * the network. Each request waits for its answer. */
#include "base/value.h"
#include "protocol/wandb/wandb_exchange.h"
#include "base/err.h"

struct wandb_sink;

/* One of the two is not NULL: the address of a controller, or the folder of a store, which is made. */
NODISCARD int wandb_sink_open(const char *address, const char *dir, struct wandb_sink **ret,
                              struct err *err);
void wandb_sink_close(struct wandb_sink *s); /* takes NULL */
/* A request with a body; *ret: the document of the answer, in the arena. An error of GraphQL is an
 * error. */
NODISCARD int wandb_sink_post(struct wandb_sink *s, const char *path, const char *body, size_t len,
                              struct arena *a, struct value **ret, struct err *err);
/* Sends the file to a URL that an answer has named. */
NODISCARD int wandb_sink_put(struct wandb_sink *s, const char *url, const char *file,
                             struct arena *a, struct err *err);
