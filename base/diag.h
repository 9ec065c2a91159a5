/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is to be said about a text a person wrote: a list of diagnostics with place, key path, what
 * is wrong and what to write instead. The readers add to it and go on, so one pass reports every
 * mistake. */
#include <stddef.h>
#include "base/arena.h"
#include "base/buf.h"

enum diag_severity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag {
    enum diag_severity severity;
    int line, column;    /* from 1; 0 where there is no place */
    const char *path;    /* "parameters.lr.min", "" for the whole file */
    const char *message; /* one sentence: what is wrong */
    const char *fix;     /* what to write instead; may be NULL */
};

struct diags {
    struct arena *arena;
    const char *file; /* as the user named it */
    struct diag *items;
    size_t n, cap;
    size_t errors;
};

void diags_init(struct diags *d, struct arena *arena, const char *file);
void diags_add(struct diags *d, enum diag_severity severity, int line, int column, const char *path,
               const char *fix, const char *fmt, ...) PRINTF_LIKE(7, 8);
/* "sweep.yaml:7:10: error: parameters.lr.min: …\n    write: …\n" for each of at least this
 * severity; without the numbers where there is no place. After 100 one last entry says that there
 * were too many. */
void diags_print(struct buf *out, const struct diags *d, enum diag_severity least);
