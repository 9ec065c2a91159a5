/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs a short command, such as git, without a shell, and takes what it prints. Blocks, but never
 * for longer than a limit: then the command and its children are killed. */
#include "base/buf.h"
#include "base/err.h"

enum { CODE_CHILD_SAID_BYTES = 512 };

struct code_child {
    const char *const *argv; /* NULL-terminated; the program is looked up in $PATH */
    const char *folder;      /* that it runs in */
    int limit_ms;
    /* Filled in. */
    int status;                       /* its exit status; -1: ended by a signal */
    char said[CODE_CHILD_SAID_BYTES]; /* the first line on stderr */
};

/* Appends its stdout to out. The output that exceeds the maximum of out ends the command, without
 * an error: out->overflow tells. ERR_NOT_FOUND: there is no such program. ERR_UNREACHABLE: it took
 * too long. An exit status other than 0 is no error. */
NODISCARD int code_child_run(struct code_child *c, struct buf *out, struct err *err);
