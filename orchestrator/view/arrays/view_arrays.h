/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials of a sweep as columns, for charts and tables that draw all of them: a tenth of the bytes
 * of rows, and read in a fraction of their time. */
#include "base/buf.h"
#include "orchestrator/view/arrays/arrays_query.h"
#include "orchestrator/view/view.h"

enum { VIEW_ARRAYS_TRIALS_MAX = 1000 /* that are named */ };

/* Appends {"seq":the last fact that it knows,"of":trials of the sweep,"n":rows,"columns":[…]}. A column is
 * {"name","values":[…]} where it has numbers alone, else {"name","words":[…],"values":[indices]}; null: no
 * value; "NaN" and "Infinity" are texts. The names: number, state, reason, agent, attempts, step, created,
 * started, ended, duration, objective, then params.NAME, metrics.NAME, and rung.N: the value of the sweep's metric at
 * its N-th iteration, where that is a band of early_terminate. With
 * `reduce` also reduce.NAME: the sweep's metric, reduced so. */
NODISCARD int view_arrays_write(struct view *v, const char *sweep, const struct view_arrays *q,
                                struct buf *out, struct err *err);

/* A filter that was read for a sweep. For one use at a time. */
struct view_filter;
/* Reads view_columns() of the sweep, and the filter. ERR_USAGE: it has a name that no trial has, or is malformed;
 * then no trial is read. filter: NULL makes *ret NULL. Both are in the arena. */
NODISCARD int view_arrays_check(struct view *v, struct arena *a, const char *sweep,
                                const char *filter, struct view_filter **ret,
                                struct value **ret_known, struct err *err);
/* Sets wanted[i] where the filter wants the trial number span->first + i. In memory are some of them at a
 * time. Names that no trial has are not looked for. */
NODISCARD int view_arrays_mark(struct view *v, const char *sweep, struct view_filter *filter,
                               const struct view_span *span, bool *wanted, struct err *err);
