/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/gp.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/lanes.h"
#include "strategies/model/lower.h"
#include "strategies/model/matern.h"

#define VARIANCE_MIN 1e-10
enum { BLOCK = 64 }; /* points that are predicted at a time */

void gp_init(struct gp *g, size_t d, const unsigned char *kinds)
{
    *g = (struct gp){.d = d};
    g->theta = mem_alloc((d + 2) * sizeof *g->theta);
    g->weights = mem_alloc(d * sizeof *g->weights);
    features_init(&g->features, d, kinds);
}

void gp_done(struct gp *g)
{
    features_done(&g->features);
    mem_free(g->theta);
    mem_free(g->weights);
    mem_free(g->x);
    mem_free(g->chol);
    mem_free(g->alpha);
    *g = (struct gp){0};
}

void gp_set_theta(struct gp *g, const double *theta)
{
    memcpy(g->theta, theta, (g->d + 2) * sizeof *theta);
    for (size_t j = 0; j < g->d; j++)
        g->weights[j] = exp(-2 * g->theta[j]);
    g->amplitude = exp(g->theta[g->d]);
    g->noise = exp(g->theta[g->d + 1]) + GP_JITTER;
}

double gp_bowl(const struct gp *g, const double *x)
{
    double sum = 0;
    for (size_t j = 0; j < g->d; j++)
        if (g->features.kinds[j] == FEATURE_NUMBER)
            sum += (2 * x[j] - 1) * (2 * x[j] - 1) - 1.0 / 3;
    return sum;
}

struct gp_trend gp_learn_trend(const struct gp_belief *belief, const struct gp_products *of)
{
    struct gp_trend ret = {.depth = belief->depth};
    if (belief->depth_sd > 0) {
        double precision = 1 / (belief->depth_sd * belief->depth_sd);
        double along = of->one_bowl / of->one_one;
        ret.depth = (of->bowl_value - along * of->one_value + precision * belief->depth) /
                    (of->bowl_bowl - along * of->one_bowl + precision);
    }
    ret.mean = (of->one_value - ret.depth * of->one_bowl) / of->one_one;
    return ret;
}

static void square_distances(const struct gp *g, const double *z, size_t n, double *ret)
{
    double *own = mem_alloc(2 * g->d * sizeof *own);
    features_of(&g->features, z, own);
    features_distances(&g->features, own, g->weights, n, ret);
    mem_free(own);
}

LANES static void gp_scale(double *values, size_t n, double by)
{
    for (size_t i = 0; i < n; i++)
        values[i] *= by;
}

/* The covariances of the function at z and at the first n points. */
static void write_covariances(const struct gp *g, const double *z, size_t n, double *ret)
{
    square_distances(g, z, n, ret);
    matern_values(ret, n);
    gp_scale(ret, n, g->amplitude);
}

static void make_room(struct gp *g, size_t n)
{
    if (n <= g->cap)
        return;
    size_t cap = n + n / 2 + 16, rows = g->n + g->pending;
    double *chol = mem_alloc(cap * cap * sizeof *chol);
    for (size_t a = 0; a < rows; a++)
        memcpy(chol + a * cap, g->chol + a * g->cap, rows * sizeof *chol);
    mem_free(g->chol);
    g->chol = chol;
    g->x = mem_resize(g->x, cap * g->d * sizeof *g->x);
    g->alpha = mem_resize(g->alpha, cap * sizeof *g->alpha);
    g->cap = cap;
}

/* Rounding can make the covariance of nearly equal points indefinite: a little noise prevents it. */
static void factor_points(struct gp *g, const double *x)
{
    for (double jitter = 0; jitter <= 1; jitter = jitter > 0 ? 10 * jitter : GP_JITTER) {
        for (size_t a = 0; a < g->n; a++) {
            double *row = g->chol + a * g->cap;
            write_covariances(g, x + a * g->d, a, row);
            row[a] = g->amplitude + g->noise + jitter;
        }
        if (lower_factor(g->chol, g->n, g->cap))
            return;
    }
}

static void solve_points(const struct gp *g, double *v)
{
    lower_solve_vector(g->chol, g->n, g->cap, v);
    lower_solve_transposed(g->chol, g->n, g->cap, v);
}

void gp_condition(struct gp *g, const double *x, const double *y, size_t n)
{
    g->n = g->pending = 0;
    features_clear(&g->features);
    make_room(g, n);
    memcpy(g->x, x, n * g->d * sizeof *x);
    features_add(&g->features, x, n);
    g->n = n;
    factor_points(g, x);
    double *ones = mem_alloc(3 * n * sizeof *ones), *bowls = ones + n, *solved = bowls + n;
    struct gp_products of = {0};
    for (size_t a = 0; a < n; a++) {
        ones[a] = 1;
        bowls[a] = solved[a] = gp_bowl(g, x + a * g->d);
        g->alpha[a] = y[a];
    }
    solve_points(g, ones);
    solve_points(g, solved);
    solve_points(g, g->alpha);
    for (size_t a = 0; a < n; a++) {
        of.one_one += ones[a];
        of.one_bowl += solved[a];
        of.one_value += g->alpha[a];
        of.bowl_bowl += bowls[a] * solved[a];
        of.bowl_value += bowls[a] * g->alpha[a];
    }
    struct gp_trend trend = gp_learn_trend(&g->belief, &of);
    g->mean = trend.mean;
    g->depth = trend.depth;
    for (size_t a = 0; a < n; a++)
        g->alpha[a] -= g->mean * ones[a] + g->depth * solved[a];
    mem_free(ones);
}

void gp_expect(struct gp *g, const double *x)
{
    size_t n = g->n + g->pending;
    make_room(g, n + 1);
    double *row = g->chol + n * g->cap;
    write_covariances(g, x, n, row);
    lower_solve_vector(g->chol, n, g->cap, row);
    double left = g->amplitude + g->noise;
    for (size_t b = 0; b < n; b++)
        left -= row[b] * row[b];
    row[n] = sqrt(fmax(left, GP_JITTER));
    memcpy(g->x + n * g->d, x, g->d * sizeof *x);
    features_add(&g->features, x, 1);
    g->pending++;
}

/* The covariances of the function between the points and those of `of_z`, one row per point. */
static void write_block(const struct gp *g, const struct features *of_z, double *own, double *ret)
{
    size_t n = g->n + g->pending, m = of_z->n;
    for (size_t a = 0; a < n; a++) {
        features_at(&g->features, a, own);
        features_distances(of_z, own, g->weights, m, ret + a * m);
    }
    matern_values(ret, n * m);
    gp_scale(ret, n * m, g->amplitude);
}

LANES static void gp_add_row(const double *row, size_t m, double by, double *ret)
{
    for (size_t i = 0; i < m; i++)
        ret[i] += by * row[i];
}

LANES static void gp_take_squares(const double *row, size_t m, double *ret)
{
    for (size_t i = 0; i < m; i++)
        ret[i] -= row[i] * row[i];
}

/* By k, the covariances of the points with m points z, which it spoils. */
static void predict_block(const struct gp *g, const double *z, size_t m, double *k,
                          double *ret_mean, double *ret_sd)
{
    size_t n = g->n + g->pending;
    for (size_t i = 0; i < m; i++) {
        ret_mean[i] = g->mean + g->depth * gp_bowl(g, z + i * g->d);
        ret_sd[i] = g->amplitude;
    }
    for (size_t a = 0; a < g->n; a++)
        gp_add_row(k + a * m, m, g->alpha[a], ret_mean);
    lower_solve(g->chol, n, g->cap, k, m);
    for (size_t a = 0; a < n; a++)
        gp_take_squares(k + a * m, m, ret_sd);
    for (size_t i = 0; i < m; i++)
        ret_sd[i] = sqrt(fmax(ret_sd[i], VARIANCE_MIN));
}

/* Blocks of few points stay in the caches. */
void gp_predict(const struct gp *g, const double *z, size_t m, double *ret_mean, double *ret_sd)
{
    size_t n = g->n + g->pending, most = m < BLOCK ? m : BLOCK;
    double *k = mem_resize(NULL, (n * most + 2 * g->d) * sizeof *k), *own = k + n * most;
    struct features of_z;
    features_init(&of_z, g->d, g->features.kinds);
    for (size_t at = 0; at < m; at += BLOCK) {
        size_t width = m - at < BLOCK ? m - at : BLOCK;
        features_clear(&of_z);
        features_add(&of_z, z + at * g->d, width);
        write_block(g, &of_z, own, k);
        predict_block(g, z + at * g->d, width, k, ret_mean + at, ret_sd + at);
    }
    features_done(&of_z);
    mem_free(k);
}

void gp_joint(const struct gp *g, const double *z, size_t m, double *ret_mean,
              double *ret_covariance)
{
    size_t n = g->n + g->pending;
    double *k = mem_alloc((n * m + 2 * g->d + m) * sizeof *k), *own = k + n * m;
    double *sds = own + 2 * g->d;
    struct features of_z;
    features_init(&of_z, g->d, g->features.kinds);
    features_add(&of_z, z, m);
    write_block(g, &of_z, own, k);
    predict_block(g, z, m, k, ret_mean, sds); /* k becomes L^-1 k */
    for (size_t i = 0; i < m; i++) {
        double *row = ret_covariance + i * m;
        features_at(&of_z, i, own);
        features_distances(&of_z, own, g->weights, m, row);
        matern_values(row, m);
        gp_scale(row, m, g->amplitude);
        for (size_t a = 0; a < n; a++)
            gp_add_row(k + a * m, m, -k[a * m + i], row);
    }
    features_done(&of_z);
    mem_free(k);
}

/* The derivatives of Rasmussen and Williams, eq. 2.25 and 2.26, with respect to z. */
void gp_slope(const struct gp *g, const double *z, double *ret_mean, double *ret_sd,
              double *ret_by_mean, double *ret_by_sd)
{
    size_t n = g->n + g->pending;
    double *v = mem_resize(NULL, 3 * n * sizeof *v), *slopes = v + n, *of_mean = v + 2 * n;
    double mean = g->mean + g->depth * gp_bowl(g, z), left = g->amplitude;
    square_distances(g, z, n, v);
    matern_slopes(v, n, slopes);
    for (size_t a = 0; a < n; a++) {
        double alpha = a < g->n ? g->alpha[a] : 0;
        v[a] *= g->amplitude;
        slopes[a] *= g->amplitude;
        mean += v[a] * alpha;
        of_mean[a] = slopes[a] * alpha;
    }
    lower_solve_vector(g->chol, n, g->cap, v);
    for (size_t a = 0; a < n; a++)
        left -= v[a] * v[a];
    double sd = sqrt(fmax(left, VARIANCE_MIN));
    lower_solve_transposed(g->chol, n, g->cap, v);
    for (size_t a = 0; a < n; a++)
        slopes[a] *= -v[a] / sd;
    for (size_t j = 0; j < g->d; j++) {
        double bowl = g->features.kinds[j] == FEATURE_NUMBER ? 4 * g->depth * (2 * z[j] - 1) : 0;
        ret_by_mean[j] =
            bowl + g->weights[j] * features_slope(&g->features, j, z[j], of_mean, g->n);
        ret_by_sd[j] = g->weights[j] * features_slope(&g->features, j, z[j], slopes, n);
    }
    *ret_mean = mean;
    *ret_sd = sd;
    mem_free(v);
}
