/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs another program in the foreground of this one, until it ends. */
#include "base/err.h"

struct child {
    const char *cwd; /* NULL: here */
    char **argv;     /* argv[0] is looked for on $PATH */
    char **env;      /* NULL: ours */
};

/* *ret is its exit code, 128 and the number of the signal that ended it, or 127 where it could not be
 * started, which it has said. A signal to the terminal's group reaches it by itself; SIGTERM and
 * SIGHUP are passed on. */
NODISCARD int child_run(const struct child *c, int *ret, struct err *err);
