/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/dist.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

double dist_normal_quantile(double u)
{
    return gsl_cdf_ugaussian_Pinv(u);
}

double dist_normal_cdf(double x)
{
    return gsl_cdf_ugaussian_P(x);
}

static bool beta_defined(double a, double b)
{
    gsl_set_error_handler_off();
    return a > 0 && b > 0 && isfinite(a) && isfinite(b);
}

/* For larger shapes GSL's P does not converge and its inverse takes seconds or never ends. There the
 * distribution is the normal one, with a little skewness. */
static bool beta_is_normal(double a, double b)
{
    return (fmin(a, b) > 1e3 && fmax(a, b) > 3e4) || fmax(a, b) > 1e12;
}

static double beta_mean(double a, double b)
{
    return 1 / (1 + b / a);
}

static double beta_deviation(double a, double b)
{
    double mean = beta_mean(a, b);
    return sqrt(mean * (1 - mean) / (a + b + 1));
}

/* Cornish and Fisher's expansion to the skewness (Abramowitz and Stegun, 26.2.49); 2 (b - a) sqrt(a +
 * b + 1) / ((a + b + 2) sqrt(a b)), without overflow. */
static double beta_normal_quantile(double u, double a, double b)
{
    double z = dist_normal_quantile(u), mean = beta_mean(a, b);
    double skewness = 2 * (1 / sqrt(a) * sqrt(1 - mean) - 1 / sqrt(b) * sqrt(mean));
    double x = mean + beta_deviation(a, b) * (z + fmax(fmin(skewness, 1), -1) / 6 * (z * z - 1));
    return fmin(fmax(x, 0), 1);
}

/* The double in [0, 1] where the distribution reaches u. Halves the interval of bit patterns:
 * positive doubles have the order of their bits, so a quantile near 0 is as exact as any. */
static double search_beta(double u, double a, double b)
{
    uint64_t low = 0, high;
    double x = 1;
    memcpy(&high, &x, sizeof high);
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        memcpy(&x, &middle, sizeof x);
        if (gsl_cdf_beta_P(x, a, b) < u)
            low = middle;
        else
            high = middle;
    }
    memcpy(&x, &high, sizeof x);
    return x;
}

/* GSL's own inverse gives up for many shapes, from Beta(0.1, 0.1) to Beta(500, 500), and is a
 * little off for a few. */
double dist_beta_quantile(double u, double a, double b)
{
    if (!beta_defined(a, b) || !(u >= 0 && u <= 1))
        return NAN;
    if (u == 0 || u == 1)
        return u;
    if (beta_is_normal(a, b))
        return beta_normal_quantile(u, a, b);
    /* Doubles are dense only near 0: a quantile in the upper half is mirrored into the lower. */
    if (u > 0.5 && gsl_cdf_beta_P(0.5, a, b) < u)
        return 1 - dist_beta_quantile(1 - u, b, a);
    double x = gsl_cdf_beta_Pinv(u, a, b);
    return fabs(gsl_cdf_beta_P(x, a, b) - u) <= 1e-13 * u ? x : search_beta(u, a, b);
}

double dist_beta_cdf(double x, double a, double b)
{
    if (!beta_defined(a, b) || isnan(x))
        return NAN;
    if (!beta_is_normal(a, b))
        return gsl_cdf_beta_P(x, a, b);
    double away = x - beta_mean(a, b), deviation = beta_deviation(a, b);
    return deviation > 0 ? dist_normal_cdf(away / deviation) : away >= 0;
}
