/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The alerts that somebody was told of (orchestrator/alert/alert_watch.h), as the store's record of actions has
 * them. Of a store that is here, not at another process. */
#include "orchestrator/view/view.h"

/* What such a record is called. */
#define VIEW_TOLD "alert"
#define VIEW_TOLD_OVER "alert over"
#define VIEW_TOLD_ENDED " ended" /* after the id of a sweep, the key of its end */

/* The keys of alerts that were told, without those that are over and without ends of sweeps. */
NODISCARD int view_told(struct view *v, struct arena *a, struct value **ret, struct err *err);
/* The ids of sweeps that have ended since, and whose end was not told. */
NODISCARD int view_told_missed(struct view *v, struct arena *a, int64_t since_ms,
                               struct value **ret, struct err *err);
