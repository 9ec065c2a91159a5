/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What each parameter does in a random forest. Trees and encoding are those of Optuna 5: every column is on its linear
 * scale, a list is one column of 0 and 1 for each value, or one column of places if it has more than 64. A parameter that
 * does not exist in some trials has one more place below its lower bound, as wide as the share of those trials. Pure. */
#include "analysis/factor.h"

enum { FOREST_TREES = 64, FOREST_ROWS_MAX = 2048 /* that one tree is fitted to */ };

enum forest_share {
    FOREST_FANOVA, /* of the variance over the box of all parameters: what a parameter explains alone (Hutter, Hoos and
                      Leyton-Brown 2014) */
    FOREST_GAIN /* of the sum of squares of the trials: what the splits on a parameter take away (Breiman 2001, the
                      mean decrease in impurity) */
};

/* Fits each tree to a resample of the rows, drawn by the seed. ret: FOREST_TREES times factors + 1
 * shares, tree by tree; the last is that of a dummy, a column of random numbers. y: one finite
 * number for each row; there are at least 2 rows. All shares of a tree without variance are 0. */
void forest_shares(const struct factors *fs, const double *y, enum forest_share of, uint64_t seed,
                   double *ret);
