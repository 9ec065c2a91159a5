/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/gp_fit.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/lanes.h"
#include "strategies/model/lower.h"
#include "strategies/model/matern.h"
#include "strategies/model/minimum.h"

#define LENGTH_MIN 0.02
#define LENGTH_MAX 50.0
#define LENGTH_START 0.5 /* at most: the search is slow to leave longer ones */
#define LOG_AMPLITUDE_MAX 4.0
#define LOG_NOISE_MAX 1.0
#define IMPOSSIBLE 1e10
#define FIT_GAIN 1e-2 /* of the log density: a smaller gain does not improve proposals */

/* The pairs of points a > b are stored row after row: 1 0, 2 0, 2 1, … */
struct gp_fit {
    const struct gp *g;
    size_t n, pairs;
    const double *x;
    struct features features;
    double *kernel, *slope; /* pairs */
    /* n: the values, the bowls, and the covariance's inverse times ones, bowls and what is left of
     * the values. In the end the squares of `solved` are what an unknown depth takes from the
     * inverse. */
    const double *y;
    double *bowls, *ones, *solved, *alpha;
    double *k, *room; /* n x n, n x (n + 7) */
};

/* Factors the covariance into k; false if it is not positive definite. */
static bool fit_factor(struct gp_fit *f, const double *theta)
{
    size_t d = f->g->d;
    double amplitude = exp(theta[d]), noise = exp(theta[d + 1]) + GP_JITTER;
    double *weights = mem_alloc(3 * d * sizeof *weights), *own = weights + d,
           *distances = f->kernel;
    for (size_t j = 0; j < d; j++)
        weights[j] = exp(-2 * theta[j]);
    for (size_t a = 1; a < f->n; distances += a++) {
        features_at(&f->features, a, own);
        features_distances(&f->features, own, weights, a, distances);
    }
    mem_free(weights);
    matern_slopes(f->kernel, f->pairs, f->slope);
    const double *kernel = f->kernel;
    for (size_t a = 0; a < f->n; a++) {
        double *row = f->k + a * f->n;
        for (size_t b = 0; b < a; b++)
            row[b] = amplitude * *kernel++;
        row[a] = amplitude + noise;
    }
    return lower_factor(f->k, f->n, f->n);
}

/* The data's part of the density (Rasmussen and Williams, eq. 2.30; constant the most probable
 * one; all depths count by their prior, as in eq. 2.43). Leaves the inverse of the covariance in k. */
LANES static double gp_fit_data(struct gp_fit *f)
{
    const struct gp_belief *belief = &f->g->belief;
    struct gp_products of = {0};
    double value = 0;
    for (size_t a = 0; a < f->n; a++)
        value += log(f->k[a * f->n + a]);
    lower_invert(f->k, f->n, f->n, f->room);
    for (size_t a = 0; a < f->n; a++) {
        const double *row = f->k + a * f->n;
        double one = 0, bowl = 0, own = 0;
        for (size_t b = 0; b < f->n; b++) {
            one += row[b];
            bowl += row[b] * f->bowls[b];
            own += row[b] * f->y[b];
        }
        f->ones[a] = one;
        f->solved[a] = bowl;
        f->alpha[a] = own;
        of.one_one += one;
        of.one_bowl += bowl;
        of.one_value += own;
        of.bowl_bowl += f->bowls[a] * bowl;
        of.bowl_value += f->bowls[a] * own;
    }
    struct gp_trend trend = gp_learn_trend(belief, &of);
    for (size_t a = 0; a < f->n; a++) {
        f->alpha[a] -= trend.mean * f->ones[a] + trend.depth * f->solved[a];
        value += 0.5 * (f->y[a] - trend.mean - trend.depth * f->bowls[a]) * f->alpha[a];
    }
    if (!(belief->depth_sd > 0)) {
        memset(f->solved, 0, f->n * sizeof *f->solved);
        return value;
    }
    double off = (trend.depth - belief->depth) / belief->depth_sd;
    double precision = 1 / (belief->depth_sd * belief->depth_sd), known = precision + of.bowl_bowl;
    for (size_t a = 0; a < f->n; a++)
        f->solved[a] /= sqrt(known);
    return value + 0.5 * off * off + 0.5 * log(known / precision);
}

/* Rasmussen and Williams, eq. 5.9; the slopes become the weights of the squared differences. */
LANES static void gp_fit_gradient(struct gp_fit *f, const double *theta, double *ret)
{
    size_t d = f->g->d;
    double amplitude = exp(theta[d]), noise = exp(theta[d + 1]);
    double trace = 0, scaled = 0, *slope = f->slope;
    const double *kernel = f->kernel;
    for (size_t a = 0; a < f->n; a++) {
        const double *row = f->k + a * f->n;
        for (size_t b = 0; b < a; b++) {
            double w = row[b] - f->alpha[a] * f->alpha[b] - f->solved[a] * f->solved[b];
            scaled += w * *kernel++;
            *slope++ *= w;
        }
        trace += row[a] - f->alpha[a] * f->alpha[a] - f->solved[a] * f->solved[a];
    }
    for (size_t j = 0; j < d; j++) {
        double sum = features_sum(&f->features, j, f->slope);
        ret[j] = -2 * exp(-2 * theta[j]) * amplitude * sum;
    }
    ret[d] = amplitude * (scaled + 0.5 * trace);
    ret[d + 1] = 0.5 * trace * noise;
}

static double add_prior(double x, double mean, double sd, double *gradient)
{
    double z = (x - mean) / sd;
    *gradient += z / sd;
    return 0.5 * z * z;
}

/* How many of the lengths are those of parameters. */
static size_t fit_lengths(const struct gp *g)
{
    return g->d > 0 && g->features.kinds[g->d - 1] == FEATURE_RESOURCE ? g->d - 1 : g->d;
}

static double fit_value(void *of, const double *theta, double *gradient)
{
    struct gp_fit *f = of;
    const struct gp_belief *belief = &f->g->belief;
    size_t d = f->g->d;
    if (!fit_factor(f, theta)) {
        memset(gradient, 0, (d + 2) * sizeof *gradient);
        return IMPOSSIBLE;
    }
    double value = gp_fit_data(f);
    gp_fit_gradient(f, theta, gradient);
    size_t lengths = fit_lengths(f->g);
    for (size_t j = 0; j < lengths; j++)
        value += add_prior(theta[j], belief->length, belief->length_sd, &gradient[j]);
    for (size_t j = lengths; j < d; j++)
        value += add_prior(theta[j], belief->resource, belief->resource_sd, &gradient[j]);
    value += add_prior(theta[d], 0, belief->amplitude_sd, &gradient[d]);
    return value + add_prior(theta[d + 1], belief->noise, belief->noise_sd, &gradient[d + 1]);
}

static void fit_init(struct gp_fit *f, const struct gp *g, const double *x, const double *y,
                     size_t n)
{
    *f = (struct gp_fit){.g = g, .n = n, .pairs = n * (n - 1) / 2, .x = x, .y = y};
    features_init(&f->features, g->d, g->features.kinds);
    features_add(&f->features, x, n);
    f->kernel = mem_resize(NULL, (2 * f->pairs + 4 * n + 2 * n * n + 7 * n) * sizeof *f->kernel);
    f->slope = f->kernel + f->pairs;
    f->bowls = f->slope + f->pairs;
    f->ones = f->bowls + n;
    f->solved = f->ones + n;
    f->alpha = f->solved + n;
    f->k = f->alpha + n;
    f->room = f->k + n * n;
    for (size_t a = 0; a < n; a++)
        f->bowls[a] = gp_bowl(g, x + a * g->d);
}

static void fit_done(struct gp_fit *f)
{
    features_done(&f->features);
    mem_free(f->kernel);
}

void gp_fit(struct gp *g, const double *x, const double *y, size_t n, size_t calls)
{
    size_t d = g->d;
    struct gp_fit f;
    fit_init(&f, g, x, y, n);
    double *theta = mem_alloc(3 * (d + 2) * sizeof *theta);
    double *low = theta + d + 2, *high = low + d + 2;
    for (size_t j = 0; j < d; j++) {
        low[j] = log(LENGTH_MIN);
        high[j] = log(LENGTH_MAX);
        theta[j] = fmin(g->belief.length, log(LENGTH_START));
    }
    for (size_t j = fit_lengths(g); j < d; j++)
        theta[j] = g->belief.resource;
    low[d] = -LOG_AMPLITUDE_MAX;
    high[d] = LOG_AMPLITUDE_MAX;
    theta[d] = 0;
    low[d + 1] = log(GP_JITTER);
    high[d + 1] = LOG_NOISE_MAX;
    theta[d + 1] = g->belief.noise;
    minimum_find(fit_value, &f, d + 2, low, high, calls, FIT_GAIN, theta);
    gp_set_theta(g, theta);
    mem_free(theta);
    fit_done(&f);
}

double gp_fit_density(const struct gp *g, const double *x, const double *y, size_t n,
                      const double *theta, double *ret_gradient)
{
    struct gp_fit f;
    fit_init(&f, g, x, y, n);
    double value = fit_value(&f, theta, ret_gradient);
    fit_done(&f);
    return value;
}
