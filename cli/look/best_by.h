/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The best trial by any metric that was reported, which the store keeps no account of: all trials
 * are read, one at a time. */
#include "cli/look/looking.h"

struct best_by {
    const char *metric;
    bool maximize;
    bool last; /* by the last value rather than the best one that the trial reported */
};

/* Of the trials that are finished or were stopped. *ret is NULL where none has a finite value; else
 * it has "by": {"metric","value","last"}. ERR_USAGE where no trial has such a metric. */
NODISCARD int best_by_find(struct looking *l, const char *sweep, const struct best_by *by,
                           struct value **ret, struct err *err);
