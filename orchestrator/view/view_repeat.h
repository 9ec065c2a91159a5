/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial's configuration to run again (sweep/replicate.h). */
#include "orchestrator/core/event.h"
#include "orchestrator/view/view_proposals.h"

/* Fills in enqueue->all from the trial `of`, so many `times`; their data is in the arena. */
NODISCARD int view_repeat(struct view *v, struct arena *a, const char *sweep,
                          const struct space *space, struct event_enqueue *enqueue,
                          struct err *err);
