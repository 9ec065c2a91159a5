/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the trials on show have reported lately, and how the best value came down, for their
 * sparklines. Samples, taken when the progress is drawn. Pure. */
#include <stddef.h>
#include <stdint.h>
#include "cli/progress/progress_facts.h"

enum { TRACE_VALUES = 64 };

struct trace {
    uint64_t trial;
    char place[32]; /* at which the last value was taken */
    double values[TRACE_VALUES];
    size_t n;
};

struct traces {
    struct trace best, rows[PROGRESS_ROWS];
    size_t rows_n;
};

/* Takes what is new in p, forgets the trials that are not in it, and has p show what there is. */
void traces_take(struct traces *t, struct progress *p);
