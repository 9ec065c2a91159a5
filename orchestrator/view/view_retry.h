/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ended trials as the facts that run them again (FACT_RETRIED). */
#include "orchestrator/core/event.h"
#include "orchestrator/view/view.h"

/* How many trials of the sweep finished without the metric. */
NODISCARD int view_retry_count(struct view *v, const char *sweep, uint64_t *ret, struct err *err);

/* Fills in retry->trials from its other members, in the order of their numbers; their data is in
 * the arena. Trials selected by number are included in any state, if they exist. */
NODISCARD int view_retry(struct view *v, struct arena *a, const char *sweep,
                         struct event_retry *retry, struct err *err);
