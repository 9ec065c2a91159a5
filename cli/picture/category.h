/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The values of a categorical parameter, on the axis of a plot. Pure. */
#include "analysis/factor.h"

/* The i-th value as people write it; "other" for values that are not in the list. */
const char *category_name(struct arena *a, const struct factor *f, size_t i);
/* Where the i-th value is drawn between two ends, the first at `to`. */
double category_y(const struct factor *f, double i, double to, double from);
