/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The Matern kernel of smoothness 5/2 (Rasmussen and Williams, Gaussian Processes for Machine
 * Learning, 2006, eq. 4.17, with length 1): k(r) = (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r). */
#include <stddef.h>

/* k of n squared distances, in their place. */
void matern_values(double *r2, size_t n);
/* The same, and the derivative by the squared distance. */
void matern_slopes(double *r2, size_t n, double *ret_slope);
