/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A metric of several trials, thinned so that nothing which a chart could show is lost. */
#include "orchestrator/view/curves/view_curve.h"

enum {
    VIEW_CURVES_TRIALS_MAX = 200,
    VIEW_CURVES_BAND_TRIALS_MAX = 1000,
    VIEW_CURVES_POINTS = 400, /* of a curve, where no number is given */
    VIEW_CURVES_POINTS_MAX = 5000,
    VIEW_CURVES_MARKS_MAX = 100,
};

struct view_curves {
    struct view_curve curve;
    const uint64_t *trials;
    size_t trials_n;
    struct curve_range range;
    double smooth;         /* 0: not; below 1 */
    bool band;             /* quantiles of all trials in place of their curves */
    const uint64_t *marks; /* iterations whose x is asked for */
    size_t marks_n;
};

/* Appends {"metric","x","curves":[{"trial","of":points in the range,"x":[…],"y":[…]}]}: the points of a curve
 * that curve_thin() keeps. "thin": how many points share a column, where it was thinned. "attempts":
 * [[attempt, its first x], …] where there were several. "marks": the x of each iteration in q->marks (a finite value of the
 * metric, counted from 1), or null. "sx", "sy": the smoothed curve, thinned in
 * the same way. NaN and the infinities are strings. A trial without the metric has an empty curve.
 * With `band`: {"metric","x","of":trials with the metric,"bands":{"x","n","q10","q25","q50","q75","q90"}}. */
NODISCARD int view_curves_write(struct view *v, const char *sweep, const struct view_curves *q,
                                struct buf *out, struct err *err);
