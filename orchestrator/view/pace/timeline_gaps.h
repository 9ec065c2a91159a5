/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why nothing of a sweep ran on an agent at a moment, as the record of actions tells it. */
#include "base/value.h"
#include "orchestrator/view/view_inside.h"

enum { TIMELINE_GAPS_MAX = 1000 }; /* actions that are read, the newest */

struct timeline_change { /* from then on */
    int64_t time_ms;
    const char *agent; /* NULL: the sweep */
    const char *why;   /* NULL: it runs again */
};

struct timeline_gaps {
    struct timeline_change *items; /* ascending in time */
    size_t n;
};

/* The data is in the arena. */
NODISCARD int timeline_gaps_read(struct view *v, struct arena *a, const char *sweep,
                                 struct timeline_gaps *ret, struct err *err);
const char *timeline_gaps_why(const struct timeline_gaps *g, const char *agent, int64_t time_ms);
