/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs a short command, such as git, without a shell, and collects its output. Blocks for at most a
 * time limit; then the command and its children are killed. */
#include "base/buf.h"
#include "base/err.h"

enum { CODE_CHILD_SAID_BYTES = 512 };

struct code_child {
    const char *const *argv; /* NULL-terminated; the program is looked up in $PATH */
    const char *folder;      /* its working directory */
    int limit_ms;
    /* Filled in. */
    int status;                       /* its exit status; -1: ended by a signal */
    char said[CODE_CHILD_SAID_BYTES]; /* the first line on stderr */
};

/* Appends its stdout to out. Output beyond the maximum of out ends the command without an error, and
 * sets out->overflow. ERR_NOT_FOUND: the program does not exist. ERR_UNREACHABLE: it took too long.
 * A nonzero exit status is not an error. */
NODISCARD int code_child_run(struct code_child *c, struct buf *out, struct err *err);
