/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The normal and beta distributions, the only ones that besom takes from GSL. They return NaN if
 * GSL finds no answer; the first call turns off GSL's error handler, which would end the process.
 * Knows nothing of parameters. */

/* x with P(X <= x) = u for the standard normal distribution; u in [0, 1], -inf at 0 and +inf at 1. */
double dist_normal_quantile(double u);
/* P(X <= x) for the standard normal distribution. */
double dist_normal_cdf(double x);
/* x with P(X <= x) = u for Beta(a, b), a and b positive; u in [0, 1]. */
double dist_beta_quantile(double u, double a, double b);
/* P(X <= x) for Beta(a, b); 0 below 0 and 1 above 1. */
double dist_beta_cdf(double x, double a, double b);
