/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a metric of one trial over another quantity, read from the store. */
#include "analysis/curve.h"
#include "base/buf.h"
#include "orchestrator/view/view.h"

enum view_curve_x {
    VIEW_CURVE_STEP,
    VIEW_CURVE_TIME, /* seconds that its attempts ran */
    VIEW_CURVE_WALL, /* seconds since 1970 */
    VIEW_CURVE_GPUH, /* hours that its attempts ran, times their GPUs; without GPUs, their slots */
    VIEW_CURVE_METRIC,
};

struct view_curve {
    const char *metric;
    enum view_curve_x x;
    const char *x_metric; /* of VIEW_CURVE_METRIC */
};

/* Its samples, into an empty curve, which the caller frees. ERR_NOT_FOUND: there is no such trial. */
NODISCARD int view_curve_read(struct view *v, const char *sweep, uint64_t number,
                              const struct view_curve *q, struct curve *ret, struct err *err);
