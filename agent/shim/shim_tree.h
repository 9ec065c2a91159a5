/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* All processes of the attempt. The shim is a subreaper, so all of them are its descendants,
 * however often they forked, and it has no child left exactly when none of them is left. */
#include <stdbool.h>
#include <sys/types.h>

struct shim_tree {
    pid_t training; /* main process and its group; 0: none */
};

/* Sends the signal to training's group and to each descendant outside it. */
void shim_tree_signal(const struct shim_tree *t, int signal);

struct shim_reaped {
    bool training; /* the main process ended, with status */
    int status;
    bool none_left;
};

/* Reaps what has ended. */
struct shim_reaped shim_tree_reap(struct shim_tree *t);
