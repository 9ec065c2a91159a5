/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/matern.h"

#include <math.h>

#include "strategies/model/lanes.h"

#define SQRT5 2.23606797749978969641

LANES void matern_values(double *r2, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double r = SQRT5 * sqrt(r2[i]);
        r2[i] = (1 + r + r * r / 3) * exp(-r);
    }
}

LANES void matern_slopes(double *r2, size_t n, double *ret_slope)
{
    for (size_t i = 0; i < n; i++) {
        double r = SQRT5 * sqrt(r2[i]);
        double e = exp(-r);
        ret_slope[i] = -(5.0 / 6) * (1 + r) * e;
        r2[i] = (1 + r + r * r / 3) * e;
    }
}
