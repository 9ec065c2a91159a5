/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How attempts ended, as the store has it. */
#include "orchestrator/view/pace/causes.h"
#include "orchestrator/view/view_inside.h"

/* Of the attempt table, the attempt of trial ?1 that counts. */
#define VIEW_END_COUNTS \
    " FROM attempt WHERE trial = ?1 AND number = (SELECT current FROM trial WHERE id = ?1)"

/* The columns reason, code, signal and text from `at` on; points into the row. */
struct cause_end view_end_read(sqlite3_stmt *st, int at);
/* Why the trial of this row failed or was lost, by the attempt that counts; null if its state is another. */
NODISCARD int view_end_cause(struct view *v, struct arena *a, uint64_t row, const char *state,
                             struct value **ret, struct err *err);
/* The rung at which early_terminate stopped the trial of this row; null if it ended for another reason. */
NODISCARD int view_end_rung(struct view *v, struct arena *a, uint64_t row, const char *reason,
                            struct value **ret, struct err *err);
