/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Starts training in a process group of its own, with its output on the shim's pipes; the kernel
 * kills it if the shim dies. */
#include <stddef.h>
#include <sys/types.h>

struct shim_launch {
    char **argv;
    int out; /* becomes stdout */
    int err; /* becomes stderr */
};

/* Returns the pid after exec succeeded; -1, with a sentence in error, and errno, if it could not
 * be started. */
pid_t shim_launch_start(const struct shim_launch *l, char *error, size_t error_bytes);
