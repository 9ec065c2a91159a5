/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sweep's metric of trials, reduced from all points that they reported (analysis/reduce.h). */
#include "analysis/reduce.h"
#include "orchestrator/view/view.h"

enum { VIEW_REDUCE_POINTS_MAX = 20000000 /* that one question reads */ };

struct view_reduce {
    struct reduce reduce;
    const char *metric; /* NULL: the sweep has none, and no trial a value */
    bool maximize;
    uint64_t points; /* that were read */
};

/* text: as reduce_parse(). */
NODISCARD int view_reduce_find(struct view *v, struct arena *a, const char *sweep, const char *text,
                               struct view_reduce *ret, struct err *err);
/* *ret_has: whether the trial has reported the metric. ERR_LIMIT: too many points. */
NODISCARD int view_reduce_read(struct view *v, const char *sweep, uint64_t number,
                               struct view_reduce *r, bool *ret_has, double *ret, struct err *err);
