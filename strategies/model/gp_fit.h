/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The posterior density of the lengths, amplitude and noise of a Gaussian process, and its maximum. */
#include "strategies/model/gp.h"

/* Gives g the most probable theta for y at x (n x d), n >= 1, searched for from the prior's mode with
 * at most `calls` evaluations of the density. */
void gp_fit(struct gp *g, const double *x, const double *y, size_t n, size_t calls);
/* The negative logarithm of the density of theta (d + 2) up to a constant, with its derivatives. */
double gp_fit_density(const struct gp *g, const double *x, const double *y, size_t n,
                      const double *theta, double *ret_gradient);
