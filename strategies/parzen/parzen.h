/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A density over the unit cube from some of its points: a mixture with one kernel for each point,
 * and one for the prior (Bergstra et al., Algorithms for hyper-parameter optimization, NeurIPS 2011,
 * section 4; with kernels of all axes at once: Falkner et al., BOHB, ICML 2018). A kernel is a product
 * over the axes. Knows nothing of trials or losses. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/number/rng.h"

enum parzen_kind {
    PARZEN_NORMAL, /* a normal distribution within [0, 1] */
    PARZEN_LEVELS, /* a few levels in order: the mass of each by a normal distribution */
    PARZEN_CATEGORIES
};

struct parzen_axis {
    enum parzen_kind kind;
    double width;  /* PARZEN_NORMAL: the least deviation of a kernel, where it stands for levels */
    size_t levels; /* else */
    double *places, *chances; /* levels: where each is, and its chance a priori */
};

struct parzen {
    size_t d, n; /* kernels; the last is the prior's */
    const struct parzen_axis *axes;
    double *weights;                 /* n, of sum 1 */
    double *logs;                    /* n: their logarithms */
    double *centres, *rates, *norms; /* d columns of n; rate: 1 / deviation */
    uint32_t *rows; /* d columns of n: the level of each point, or `levels`: none */
    /* d; NULL: a normal distribution. Logarithms of masses: of levels, one row of them for each
     * level that a point may have, and the prior's. Of categories, three: the prior's, of other
     * categories than the point's, and of its own. */
    double **tables;
    double *sums; /* n: room */
};

/* How a density is made of n points. */
struct parzen_rule {
    double width;  /* the deviation of a kernel is width * n^(-1 / (d + 4)) (Scott's rule) */
    double levels; /* the same of an axis of levels */
    double prior;  /* the weight of the prior; that of a point is 1, but where they are ranked: */
    bool ranked;   /* the points come in order, number k weighs log((n + 0.5) / (k + 1)) */
};

/* points: n of d numbers, settled (NaN: not there). axes: d, they must outlive it. */
void parzen_init(struct parzen *p, const struct parzen_axis *axes, size_t d,
                 const struct parzen_rule *rule, const double *const *points, size_t n);
void parzen_done(struct parzen *p);
/* Draws a point; every axis gets a number. */
void parzen_draw(const struct parzen *p, struct rng *rng, double *ret);
/* The logarithm of the density at x; an axis that is NaN has no part in it. */
double parzen_log(const struct parzen *p, const double *x);
