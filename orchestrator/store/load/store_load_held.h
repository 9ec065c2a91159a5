/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the store has of an attempt that an agent holds and whose trial the books do not: it has ended,
 * or was never there. */
#include "orchestrator/core/books_trial.h"
#include "orchestrator/core/event.h"
#include "orchestrator/view/view.h"

struct store_held {
    struct event_held about; /* its names are given, and filled in is the rest */
    struct book_trial
        *lost;     /* the caller's: the trial, if it has ended as lost; NULL: it has not */
    double *rungs; /* the caller's: its values at the rungs, in order */
    size_t rungs_n, rungs_cap;
};

/* A damaged row is no error: `about` says so. */
NODISCARD int store_load_held(struct view *v, struct arena *a, struct store_held *h,
                              struct err *err);
