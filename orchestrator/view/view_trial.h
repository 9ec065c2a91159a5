/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial as a value, for the queries that give trials. */
#include "base/value.h"
#include "orchestrator/view/view_inside.h"
#include "orchestrator/view/tags/view_tags.h"

/* The columns that view_trial_value() reads, from trial t and sweep s. */
#define VIEW_TRIAL_COLUMNS                                                                    \
    "t.id & ((1 << 40) - 1), s.id, t.state, t.reason, t.params, t.attempts, t.agent, t.slot," \
    " t.created, t.started, t.ended, t.objective, t.id, t.step, t.why, t.ran," VIEW_TAGS_OF(  \
        "t.id") ", nullif(t.current, 0)"
#define VIEW_TRIALS_OF_SWEEP \
    " FROM sweep s JOIN trial t ON t.id BETWEEN s.n << 40 AND ((s.n + 1) << 40) - 1"

NODISCARD int view_trial_value(struct view *v, struct arena *a, sqlite3_stmt *st,
                               struct value **ret, struct err *err);
/* Reads one trial; ERR_NOT_FOUND if it does not exist. */
NODISCARD int view_trial_read(struct view *v, struct arena *a, const char *sweep, uint64_t number,
                              struct value **ret, struct err *err);
