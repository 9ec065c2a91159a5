/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/dist.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>

double dist_normal_quantile(double u)
{
    return gsl_cdf_ugaussian_Pinv(u);
}

static bool beta_defined(double a, double b)
{
    gsl_set_error_handler_off();
    return a > 0 && b > 0 && isfinite(a) && isfinite(b);
}

double dist_beta_quantile(double u, double a, double b)
{
    return beta_defined(a, b) && u >= 0 && u <= 1 ? gsl_cdf_beta_Pinv(u, a, b) : NAN;
}

double dist_beta_cdf(double x, double a, double b)
{
    return beta_defined(a, b) && !isnan(x) ? gsl_cdf_beta_P(x, a, b) : NAN;
}
