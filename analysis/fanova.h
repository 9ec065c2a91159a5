/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* fANOVA (Hutter, Hoos and Leyton-Brown 2014): the share of the variance of a random forest that
 * each parameter explains alone. Trees, encoding and measure are those of Optuna 5: every column is
 * on its linear scale, a list is one column of 0 and 1 for each value, or one column of places if it has more than 64. A parameter that does not
 * exist in some trials has one more place below its lower bound, as wide as the share of those
 * trials. Pure. */
#include "analysis/factor.h"

enum { FANOVA_TREES = 64, FANOVA_ROWS_MAX = 2048 /* that one tree is fitted to */ };

/* Fits each tree to a resample of the rows, drawn by the seed. ret: FANOVA_TREES times factors + 1
 * shares, tree by tree; the last is that of a dummy, a column of random numbers. y: one finite
 * number for each row; there are at least 2 rows. All shares of a tree without variance are 0. */
void fanova_shares(const struct factors *fs, const double *y, uint64_t seed, double *ret);
