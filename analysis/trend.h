/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the values of a parameter are whose trials did best: in one word, for people. Whether the
 * parameter matters is another question (importance.h). Pure. */
#include "analysis/factor.h"

enum trend_kind {
    TREND_NONE, /* too few trials */
    TREND_LOWER,
    TREND_HIGHER,
    TREND_NEAR, /* best between the ends, around `value` */
    TREND_ENDS, /* best at both ends */
    TREND_VALUE /* `value` is the best of a few; of a category, its place */
};

struct trend {
    enum trend_kind kind;
    double value;
};

/* Compares groups of trials by the mean rank of their losses: of each value if there are few, else of
 * fifths of the trials, by the parameter. losses: one finite number for each row, lower is better. */
struct trend trend_find(const struct factor *f, const double *losses, size_t rows);
