/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The best trial by any reported metric. The store has no index of it, so all trials are read, one
 * at a time. */
#include "cli/look/looking.h"

struct best_by {
    const char *metric;
    bool own; /* the sweep's metric */
    bool maximize;
    bool last; /* by the last value rather than the best one that the trial reported */
};

/* Of the trials that finished or were stopped. *ret is NULL if none has a finite value; otherwise
 * it has "by": {"metric","value","last"}. ERR_USAGE if trials have reported only others, unless it is the sweep's own. */
NODISCARD int best_by_find(struct looking *l, const char *sweep, const struct best_by *by,
                           struct value **ret, struct err *err);
