/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/improvement.h"

#include <gsl/gsl_sf_erf.h>
#include <math.h>

#define LOG_SQRT_2PI 0.91893853320467274178
/* Below this z, h(z) is computed from its tail, because phi(z) and z Phi(z) cancel. */
#define Z_TAIL (-1.0)
/* Below this z, 1 - x sqrt(pi/2) erfcx(x / sqrt 2) is lost to rounding, and its limit 1/x^2 is
 * exact. */
#define Z_FAR (-1e3)

static double log_phi(double z)
{
    return -0.5 * z * z - LOG_SQRT_2PI;
}

static double log_cdf(double z)
{
    if (z > -5)
        return log(erfc(-z * M_SQRT1_2)) - M_LN2;
    return gsl_sf_log_erfc(-z * M_SQRT1_2) - M_LN2;
}

double improvement_log_h(double z)
{
    if (z > Z_TAIL)
        return log(exp(log_phi(z)) + z * exp(log_cdf(z)));
    if (z < Z_FAR)
        return log_phi(z) - 2 * log(-z);
    double mills = exp(log_cdf(z) - log_phi(z)); /* Phi(z)/phi(z) */
    return log_phi(z) + log1p(fmax(z * mills, -1 + 1e-15));
}

double improvement_log(double best, double mean, double sd, double *ret_by_mean, double *ret_by_sd)
{
    double z = (best - mean) / sd;
    double log_h = improvement_log_h(z);
    *ret_by_mean = -exp(fmin(log_cdf(z) - log_h, 600)) / sd;
    *ret_by_sd = exp(fmin(log_phi(z) - log_h, 600)) / sd;
    return log(sd) + log_h;
}

double improvement_log_value(double best, double mean, double sd)
{
    return log(sd) + improvement_log_h((best - mean) / sd);
}
