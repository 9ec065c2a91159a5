/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials of a sweep as columns, for charts and tables that draw all of them: a tenth of the bytes
 * of rows, and read in a fraction of their time. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum {
    VIEW_ARRAYS_CELLS_MAX = 8000000,
    VIEW_ARRAYS_TRIALS_MAX = 1000, /* that are named */
};

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

/* Appends {"seq":the last fact that it knows,"of":trials of the sweep,"n":rows,"columns":[…]}. A column is
 * {"name","values":[…]} where it has numbers alone, else {"name","words":[…],"values":[indices]}; null: no
 * value; "NaN" and "Infinity" are texts. The names: number, state, reason, agent, attempts, step, created,
 * started, ended, duration, objective, then params.NAME, metrics.NAME, and rung.N: the value of the sweep's metric at
 * its N-th iteration, where that is a band of early_terminate. With
 * `reduce` also reduce.NAME: the sweep's metric, reduced so. */
NODISCARD int view_arrays_write(struct view *v, const char *sweep, const struct view_arrays *q,
                                struct buf *out, struct err *err);
/* Reads view_columns() of the sweep. ERR_USAGE: the filter has a name that no trial has, or is malformed; then no
 * trial is read. filter: may be NULL. */
NODISCARD int view_arrays_check(struct view *v, struct arena *a, const char *sweep,
                                const char *filter, struct value **ret_known, struct err *err);
/* Sets wanted[i] where the filter wants the trial number span->first + i. In memory are some of them at a
 * time. Names that no trial has are not looked for. */
NODISCARD int view_arrays_mark(struct view *v, const char *sweep, const char *filter,
                               const struct view_span *span, bool *wanted, struct err *err);
