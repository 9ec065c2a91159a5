/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A regression tree, grown until each leaf has one row or equal targets, and the share of its
 * variance that single columns explain (Hutter, Hoos and Leyton-Brown 2014, algorithm 2): the
 * variance of the mean over all other columns, each of which is uniform between its bounds. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/number/rng.h"

/* What trees are fitted to: columns of numbers, each uniform in [low, high]. */
struct tree_data {
    size_t rows, columns;
    const double *const *x; /* x[column][row] */
    const double *y;
    const double *low, *high; /* of each column */
    uint32_t *const *order;   /* order[column]: the rows, ascending in x */
};

struct tree_node {
    uint32_t column; /* UINT32_MAX: a leaf */
    uint32_t left, right;
    double threshold; /* rows with x <= threshold are on the left */
    double share;     /* of the node's box that is on the left */
    double mean;      /* of the node's box */
    double gain;      /* by how much the split lowers the sum of squares of the rows */
};

struct tree {
    const struct tree_data *data;
    struct tree_node *nodes;
    size_t n, cap;
};

/* weights: how often each row counts. The columns are tried in an order of rng's, so that of equal
 * splits none is preferred. */
void tree_fit(struct tree *t, const struct tree_data *data, const uint16_t *weights,
              struct rng *rng);
void tree_done(struct tree *t);
/* By how much the splits on n columns lower the sum of squares of the rows, all together. */
double tree_gain(const struct tree *t, size_t first, size_t n);
/* The variance over the box of all columns. */
double tree_variance(const struct tree *t);
/* The variance that the column explains. */
double tree_variance_of(const struct tree *t, size_t column);
/* The variance that n columns of 0 and 1 explain together: over all their combinations, or a sample
 * of them if there are many. */
double tree_variance_of_bits(const struct tree *t, size_t first, size_t n, struct rng *rng);
