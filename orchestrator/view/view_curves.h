/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A metric of several trials over their steps, thinned so that nothing which a chart could show is lost. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum {
    VIEW_CURVES_TRIALS_MAX = 200,
    VIEW_CURVES_POINTS = 400, /* of a curve, where no number is given */
    VIEW_CURVES_POINTS_MAX = 5000,
};

struct view_curves {
    const char *metric;
    const uint64_t *trials;
    size_t trials_n;
    uint64_t points; /* of a curve at most */
};

/* Appends {"metric","curves":[{"trial","of":its points,"x":[steps],"last":[…]}]}. A curve with more points
 * than asked for is cut into as many spans of steps: x and last are of the last point in each, "min" and "max"
 * of all that are numbers. After a retry, a step counts as its last attempt reported it. A trial without the
 * metric has an empty curve. */
NODISCARD int view_curves_write(struct view *v, const char *sweep, const struct view_curves *q,
                                struct buf *out, struct err *err);
