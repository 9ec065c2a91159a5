/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials that have ended, as the facts that have them run again (FACT_RETRIED). */
#include "orchestrator/core/event.h"
#include "orchestrator/view/view.h"

/* Fills in retry->trials by the rest of it, in the order of their numbers; what they point to is in
 * the arena. Of trials asked for by number those that there are, whatever their state. */
NODISCARD int view_retry(struct view *v, struct arena *a, const char *sweep,
                         struct event_retry *retry, struct err *err);
