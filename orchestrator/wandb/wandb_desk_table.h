/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The operations that the desk knows, by the names that wandb's clients send: one line each, in one
 * table. An unknown one is answered by a GraphQL error. */
#include "orchestrator/wandb/desk_later.h"

struct wandb_desk_operation {
    const char *name;
    enum desk_need need; /* DESK_WRITES: not for those who may only read */
    desk_fn fn;          /* on the thread; or NULL */
    desk_later_fn later; /* on the loop; or NULL */
};
/* NULL if there is none. */
const struct wandb_desk_operation *wandb_desk_table_find(const char *name);

struct wandb_desk_path {
    enum wandb_verb verb;
    const char *begin, *end; /* of the path */
    enum desk_need need;
    desk_path_fn fn;
};
const struct wandb_desk_path *wandb_desk_table_find_path(enum wandb_verb verb, const char *path);
