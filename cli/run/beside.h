/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* `besom run` beside the process that holds the store: hands the sweep over to it through its socket,
 * and follows in the store what becomes of it. */
#include "orchestrator/core/books.h"
#include "orchestrator/store/store_lock.h"

struct run_progress;

struct beside_handover {
    const char *store, *sweep;
    const struct fact *create, *edit; /* a new sweep; a new spec; NULL: none */
    bool resume;                      /* it is paused */
    const struct event_retry *retry;  /* by these trials; NULL: none */
};

/* Has the process run the sweep. *ret_nobody: no process listens any more; it may have done a part of
 * it. */
NODISCARD int beside_hand_over(const struct beside_handover *h, bool *ret_nobody, struct err *err);

enum beside_end {
    BESIDE_OVER,       /* the sweep has ended, or has paused itself */
    BESIDE_LEFT,       /* the process that held the store no longer does */
    BESIDE_INTERRUPTED /* by a signal */
};

struct beside {
    const char *store, *sweep;
    const char *holder; /* by store_lock_holder(), from before the sweep was handed over */
    struct run_progress *progress;
    struct books books; /* filled in: the sweep at the end; the caller frees it */
    int signal;         /* filled in */
};

/* This process exits: asks the other one to run the sweep to its end. *ret_runs: it does. An error, such
 * as ERR_UNREACHABLE from one that is stopped: that is not known. */
NODISCARD int beside_leave(const struct beside *b, bool *ret_runs, struct err *err);
NODISCARD int beside_follow(struct beside *b, enum beside_end *ret, struct err *err);
