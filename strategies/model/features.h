/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Points as the kernel compares them, column by column: the squared distance of two points is a
 * weighted sum of squared differences of features, and of one for each pair of categories that
 * differ. Knows nothing of what the points are. */
#include <stdbool.h>
#include <stddef.h>

/* A number that does not always exist (NaN where it does not) lies on an arc, and its absence at the
 * arc's centre: then it is equally far from all numbers, and the kernel stays positive definite
 * (after Swersky et al., Raiders of the lost architecture, 2013). Absence is one more category. */
enum feature_kind {
    FEATURE_NUMBER,
    FEATURE_ARC,
    FEATURE_CATEGORY,
    FEATURE_RESOURCE /* a number that no search moves: how far a training has come */
};

struct features {
    size_t d, n, cap;
    const unsigned char *kinds; /* d of enum feature_kind */
    double *columns;            /* a number: its value; an arc: its sine, its cosine; a category */
};

/* Of two values of a coordinate; 1 where it exists in one of them only, or the categories differ. */
double features_difference(unsigned char kind, double x, double y);
void features_init(struct features *f, size_t d, const unsigned char *kinds); /* kinds outlive it */
void features_done(struct features *f);
void features_add(struct features *f, const double *x, size_t n); /* n x d */
void features_clear(struct features *f);
/* The features of a point x, and those of point i: two for each coordinate. */
void features_of(const struct features *f, const double *x, double *ret);
void features_at(const struct features *f, size_t i, double *ret);
/* The squared distances of a point with the features `own` from the points i < n: the sum over the
 * coordinates of their weights and squared differences. */
void features_distances(const struct features *f, const double *own, const double *weights,
                        size_t n, double *ret);
/* The sum over all pairs of points, 1 0, 2 0, 2 1, …, of their weights and squared differences by
 * coordinate j. */
double features_sum(const struct features *f, size_t j, const double *weights);
/* The sum over i < n of weights[i] and the derivative by x, a value of coordinate j, of the squared
 * difference from point i. */
double features_slope(const struct features *f, size_t j, double x, const double *weights,
                      size_t n);
