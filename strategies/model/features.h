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
enum feature_kind { FEATURE_NUMBER, FEATURE_ARC, FEATURE_CATEGORY };

struct features {
    size_t d, n, cap;
    const unsigned char *kinds; /* d of enum feature_kind */
    double *columns;            /* a number: its value; an arc: its sine, its cosine; a category */
};

void features_init(struct features *f, size_t d, const unsigned char *kinds); /* kinds outlive it */
void features_done(struct features *f);
void features_add(struct features *f, const double *x, size_t n); /* n x d */
void features_clear(struct features *f);
/* ret[i] += weight * the squared difference by coordinate j of x, a value of it, from point i < n. */
void features_distances(const struct features *f, size_t j, double x, double weight, size_t n,
                        double *ret);
/* The sum over i < n of weights[i] and that squared difference; and of its derivative by x. */
double features_sum(const struct features *f, size_t j, double x, const double *weights, size_t n);
double features_slope(const struct features *f, size_t j, double x, const double *weights,
                      size_t n);
