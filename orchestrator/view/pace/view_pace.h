/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a sweep goes: its rate, what is left, what it cost, why trials fail, and what deserves attention.
 * Derived from the rows of its trials at each call. */
#include "base/value.h"
#include "orchestrator/view/pace/chance.h"
#include "orchestrator/view/view_inside.h"

enum {
    VIEW_PACE_LINE = 24,         /* points of the line of the best */
    VIEW_PACE_FAILED_MAX = 2000, /* failed trials whose causes are read, the newest */
    VIEW_PACE_NEWEST = 6,        /* trials that are named for each cause */
};

/* {"now","rate","left","gpu_hours","slot_hours","failed_hour","ended_hour","line","causes","alerts"}: see
 * docs/openapi.yaml. now_ms: the wall clock. */
NODISCARD int view_pace(struct view *v, struct arena *a, const char *sweep, int64_t now_ms,
                        struct value **ret, struct err *err);
/* The results of trials that have ended, in the order of their ends, of a store here. ret_seq: the last fact that they know. */
NODISCARD int view_pace_past(struct view *v, const char *sweep, bool maximize,
                             struct chance_past *past, uint64_t *ret_seq, struct err *err);
