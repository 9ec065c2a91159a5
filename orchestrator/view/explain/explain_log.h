/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What was decided in a sweep, and who did what, the newest first: from the facts of the store.
 *   {"seq":N, "time":S, "kind":K, "trial":N or null, "text":SENTENCE, "by":WHO or null}
 * kind: proposal, enqueue, stop (with "rung": {"stopper","rung","value","rank","of","threshold"}),
 * end (an attempt that gave no result), retry, state (of the sweep), edit, action (what somebody
 * asked for; of agents' reports none). `by` is of the facts that an action brought about too. */
#include "orchestrator/view/view.h"

enum {
    EXPLAIN_LOG_ROWS = 100,
    EXPLAIN_LOG_ROWS_MAX = 1000,
    EXPLAIN_LOG_FACTS_MAX = 50000, /* are looked at in one call … */
    EXPLAIN_LOG_READ_COSTS = 25    /* … and one that is read counts as so many */
};

struct explain_log {
    uint64_t before;   /* only facts with a lower number; 0: all */
    const char *kinds; /* words with commas between; NULL: all */
    const char *text;  /* in the sentence, in any case, or the number of the trial; NULL: all */
    uint64_t trial;    /* with has_trial: about this trial alone */
    bool has_trial;
    uint64_t limit;
};

/* *ret: {"entries":[…],"before":N or null}: where to continue, also where none was found among the
 * facts looked at; null: there is no more. */
NODISCARD int explain_log(struct view *v, struct arena *a, const char *sweep,
                          const struct explain_log *q, struct value **ret, struct err *err);
