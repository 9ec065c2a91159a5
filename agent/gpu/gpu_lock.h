/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The locks of this host's GPUs: one file for each, shared by all besom processes and users, so that
 * no two offer the same GPU. A lock is held until its process ends. */
#include <stdbool.h>
#include <stddef.h>

struct gpu_locks {
    size_t n, cap;
    int *fds;
};

/* False if another process holds the lock. Where no lock file can be made, the GPU counts as
 * locked by us. */
bool gpu_lock_take(struct gpu_locks *l, const char *uuid);
void gpu_lock_done(struct gpu_locks *l); /* releases all */
