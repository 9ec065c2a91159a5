/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/warp.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A loss is capped if its distance above the median exceeds this many times that of the lower
 * quartile. */
#define WARP_TAIL 50.0
/* The number of lambdas tried. */
enum { WARP_LAMBDAS = 31 };
#define WARP_LAMBDA_STEP 0.1
/* A smaller spread is rounding. */
#define WARP_FLAT 1e-12

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double sorted_quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;
    double part = at - (double)below;
    return below + 1 < n ? sorted[below] + part * (sorted[below + 1] - sorted[below])
                         : sorted[below];
}

static double deviation_of(const double *y, size_t n, double *ret_mean)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += y[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (y[i] - mean) * (y[i] - mean);
    *ret_mean = mean;
    return sqrt(squares / (double)n);
}

/* Losses are scaled by the largest, so that no sum of squares overflows. */
static void cap_tail(struct warp *w, const double *y, size_t n, double *ret)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(y[i]));
    w->scale = largest > 0 ? largest : 1;
    for (size_t i = 0; i < n; i++)
        ret[i] = y[i] / w->scale;
    double *sorted = mem_alloc(n * sizeof *sorted);
    memcpy(sorted, ret, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_doubles);
    w->median = sorted_quantile(sorted, n, 0.5);
    double below = w->median - sorted_quantile(sorted, n, 0.25);
    w->cap = WARP_TAIL * fmax(below, WARP_FLAT * fabs(w->median));
    mem_free(sorted);
    for (size_t i = 0; i < n; i++)
        ret[i] = fmin(ret[i] - w->median, w->cap);
}

static double yeo_johnson(double z, double log1, double lambda)
{
    double power = z >= 0 ? lambda : 2 - lambda;
    double size = fabs(power) < 1e-9 ? log1 : expm1(power * log1) / power;
    return z >= 0 ? size : -size;
}

/* The lambda with the highest profile likelihood; false if none leaves a spread. */
static bool choose_lambda(const double *z, const double *logs, size_t n, double least, double *room,
                          double *ret)
{
    double slope = 0, best = -INFINITY;
    int first = (int)lround((least - WARP_LEAST) / WARP_LAMBDA_STEP);
    for (size_t i = 0; i < n; i++)
        slope += z[i] >= 0 ? logs[i] : -logs[i];
    for (int k = first; k < WARP_LAMBDAS; k++) {
        double lambda = WARP_LEAST + WARP_LAMBDA_STEP * k, mean;
        for (size_t i = 0; i < n; i++)
            room[i] = yeo_johnson(z[i], logs[i], lambda);
        double deviation = deviation_of(room, n, &mean);
        double likelihood = (lambda - 1) * slope - (double)n * log(deviation);
        if (deviation * deviation > WARP_FLAT && likelihood > best) {
            best = likelihood;
            *ret = lambda;
        }
    }
    return best > -INFINITY;
}

void warp_losses(struct warp *w, const double *y, size_t n, double least, double *ret)
{
    double mean;
    *w = (struct warp){.lambda = 1};
    cap_tail(w, y, n, ret);
    double deviation = deviation_of(ret, n, &mean);
    if (!(deviation > 1e-15)) {
        memset(ret, 0, n * sizeof *ret);
        return;
    }
    w->deviation = deviation;
    double *logs = mem_alloc(2 * n * sizeof *logs);
    for (size_t i = 0; i < n; i++) {
        ret[i] /= deviation;
        logs[i] = log1p(fabs(ret[i]));
    }
    if (!choose_lambda(ret, logs, n, least, logs + n, &w->lambda))
        w->lambda = 1;
    for (size_t i = 0; i < n; i++)
        ret[i] = yeo_johnson(ret[i], logs[i], w->lambda);
    mem_free(logs);
    w->warped_deviation = fmax(deviation_of(ret, n, &w->warped_mean), WARP_FLAT);
    for (size_t i = 0; i < n; i++)
        ret[i] = (ret[i] - w->warped_mean) / w->warped_deviation;
}

double warp_invert(const struct warp *w, double z)
{
    double t = z * w->warped_deviation + w->warped_mean;
    double power = t >= 0 ? w->lambda : 2 - w->lambda;
    double size = fabs(t);
    /* If the power is negative, the transform has an upper end, at -1/power. */
    double log1 = fabs(power) < 1e-9 ? size : log1p(fmax(power * size, -1 + 1e-9)) / power;
    double back = expm1(fmin(log1, 600)) * w->deviation;
    double loss = ((t >= 0 ? back : -back) + w->median) * w->scale;
    return isinf(loss) ? copysign(DBL_MAX, loss) : loss;
}
