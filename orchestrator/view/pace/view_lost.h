/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The running trials whose metric stays NaN or infinite (sweep/objective.h): they use their slots for
 * nothing. */
#include "orchestrator/view/view.h"

enum { VIEW_LOST_MAX = 500 };

/* Their numbers, ascending; the first VIEW_LOST_MAX. */
NODISCARD int view_lost(struct view *v, struct arena *a, const char *sweep, const char *metric,
                        struct value **ret, struct err *err);
