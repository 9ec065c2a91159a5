/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Starts training: in a process group of its own, its output on our pipes, tied to our life. */
#include <stddef.h>
#include <sys/types.h>

struct shim_launch {
    char **argv;
    int out; /* becomes stdout */
    int err; /* becomes stderr */
};

/* The pid once exec has succeeded; -1 with a sentence in error, and errno, where it could not be
 * started. */
pid_t shim_launch_start(const struct shim_launch *l, char *error, size_t error_bytes);
