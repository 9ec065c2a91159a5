/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which trials and columns are asked for. */
#include <stddef.h>
#include <stdint.h>

struct view_span {
    uint64_t first, last; /* numbers of trials */
};

struct view_arrays {
    const char *cols;       /* names of columns with commas between; NULL: all */
    const uint64_t *trials; /* these alone; NULL: all */
    size_t trials_n;
    const struct view_span *span; /* these alone; NULL: all */
    uint64_t most;                /* the newest ones, and the best; 0: all */
    const char *filter;           /* filter/filter.h; NULL: all */
    const char *reduce;           /* analysis/reduce.h; NULL: none */
};
