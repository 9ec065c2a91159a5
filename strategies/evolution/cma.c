/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/evolution/cma.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/dist.h"

/* Eigenvalues are kept at least this fraction of the largest one, so that rounding makes none
 * negative. */
#define EIGENVALUE_LEAST 1e-14
/* A point counts as at most sqrt(d) + FAR deviations away. The paper has sqrt(d) + 2d/(d+2), for
 * points known to come from elsewhere; here nearly every point that was drawn is within. */
#define FAR 3
/* No update changes the step size by more than this factor, in its logarithm (arXiv:1110.4181). */
#define STEP_CHANGE 1
/* Chances on either side of a level are kept from 0 and 1/2, where their quantile is no use. */
#define CHANCE_LEAST 1e-10

size_t cma_population(size_t d)
{
    return 3 + (size_t)(2 * log((double)(d > 0 ? d : 1)));
}

void cma_rates_init(struct cma_rates *r, size_t d, size_t n, bool separable)
{
    double dims = (double)d, faster = separable ? (dims + 2) / 3 : 1, sums[2] = {0},
           squares[2] = {0};
    *r = (struct cma_rates){.n = n, .mu = n / 2};
    r->weights = mem_alloc(n * sizeof *r->weights);
    for (size_t i = 0; i < n; i++) {
        double w = log(((double)n + 1) / 2) - log((double)i + 1); /* (49) */
        bool bad = i >= r->mu;
        r->weights[i] = w;
        sums[bad] += w;
        squares[bad] += w * w;
    }
    double mu_eff = sums[0] * sums[0] / squares[0], bad_eff = sums[1] * sums[1] / squares[1];
    r->mu_eff = mu_eff;
    r->c_1 = 2 / ((dims + 1.3) * (dims + 1.3) + mu_eff);                          /* (57) */
    r->c_mu = 2 * (mu_eff - 2 + 1 / mu_eff) / ((dims + 2) * (dims + 2) + mu_eff); /* (58) */
    r->c_1 *= faster;
    r->c_mu = fmin(faster * r->c_mu, 1 - r->c_1 - 1e-8);
    double bad_sum = fmin(1 + 2 * bad_eff / (mu_eff + 2),                               /* (51) */
                          r->c_mu > 0 ? fmin(1 + r->c_1 / r->c_mu,                      /* (50) */
                                             (1 - r->c_1 - r->c_mu) / (dims * r->c_mu)) /* (52) */
                                      : INFINITY);
    for (size_t i = 0; i < n; i++) /* (53) */
        r->weights[i] *= i < r->mu ? 1 / sums[0] : -bad_sum / sums[1];
    r->c_sigma = (mu_eff + 2) / (dims + mu_eff + 5); /* (55) */
    r->d_sigma = 1 + 2 * fmax(0, sqrt((mu_eff - 1) / (dims + 1)) - 1) + r->c_sigma;
    r->c_c = (4 + mu_eff / dims) / (dims + 4 + 2 * mu_eff / dims); /* (56) */
}

void cma_rates_done(struct cma_rates *r)
{
    mem_free(r->weights);
}

static size_t numbers_of(const struct cma *c)
{
    return 5 * c->d + (c->separable ? c->d : 2 * c->d * c->d);
}

void cma_init(struct cma *c, size_t d)
{
    *c = (struct cma){.d = d, .separable = d > CMA_DENSE_MOST};
    c->numbers = mem_alloc(numbers_of(c) * sizeof *c->numbers);
    c->mean = c->numbers;
    c->scale = c->mean + d;
    c->path_c = c->scale + d;
    c->path_s = c->path_c + d;
    c->axes = c->path_s + d;
    c->cov = c->axes + d;
    c->basis = c->separable ? NULL : c->cov + d * d;
}

void cma_done(struct cma *c)
{
    mem_free(c->numbers);
}

void cma_copy(struct cma *to, const struct cma *from)
{
    to->updates = from->updates;
    to->sigma = from->sigma;
    memcpy(to->numbers, from->numbers, numbers_of(from) * sizeof *to->numbers);
}

void cma_start(struct cma *c, const double *mean, double sigma)
{
    c->updates = 0;
    c->sigma = sigma;
    for (size_t i = 0; i < numbers_of(c); i++)
        c->numbers[i] = 0;
    for (size_t j = 0; j < c->d; j++) {
        c->mean[j] = mean[j];
        c->scale[j] = c->axes[j] = 1;
        c->cov[c->separable ? j : j * c->d + j] = 1;
        if (!c->separable)
            c->basis[j * c->d + j] = 1;
    }
}

double cma_deviation(const struct cma *c, size_t j)
{
    return c->sigma * c->scale[j] * sqrt(c->cov[c->separable ? j : j * c->d + j]);
}

void cma_point(const struct cma *c, const double *z, double *ret)
{
    for (size_t j = 0; j < c->d; j++) {
        double y = c->separable ? c->axes[j] * z[j] : 0;
        for (size_t k = 0; k < c->d && !c->separable; k++)
            y += c->basis[j * c->d + k] * c->axes[k] * z[k];
        ret[j] = c->mean[j] + c->sigma * c->scale[j] * y;
    }
}

/* Keeps the eigenvalues, which are in `axes`, from 0, and takes their roots. */
static void axes_settle(struct cma *c)
{
    double largest = 0;
    for (size_t k = 0; k < c->d; k++)
        largest = fmax(largest, c->axes[k]);
    for (size_t k = 0; k < c->d; k++)
        c->axes[k] = sqrt(fmax(c->axes[k], largest * EIGENVALUE_LEAST));
}

/* Decomposes C, whose triangles are equal. */
static void cov_decompose(struct cma *c)
{
    size_t d = c->d;
    if (c->separable) {
        memcpy(c->axes, c->cov, d * sizeof *c->axes);
        axes_settle(c);
        return;
    }
    double *copy = mem_alloc(d * d * sizeof *copy);
    gsl_eigen_symmv_workspace *room = gsl_eigen_symmv_alloc(d);
    memcpy(copy, c->cov, d * d * sizeof *copy);
    gsl_matrix_view matrix = gsl_matrix_view_array(copy, d, d);
    gsl_matrix_view vectors = gsl_matrix_view_array(c->basis, d, d);
    gsl_vector_view values = gsl_vector_view_array(c->axes, d);
    gsl_eigen_symmv(&matrix.matrix, &values.vector, &vectors.matrix, room);
    axes_settle(c);
    gsl_eigen_symmv_free(room);
    mem_free(copy);
}

/* Steps y = (x - mean) / (sigma A) of n points and u = D^-1 B^T y, which has the length of C^(-1/2) y. */
static void steps_of(const struct cma *c, const double *points, size_t n, double *y, double *u)
{
    size_t d = c->d;
    double most = sqrt((double)d) + FAR;
    for (size_t i = 0; i < n; i++, y += d, u += d) {
        double length = 0;
        for (size_t j = 0; j < d; j++)
            y[j] = (points[i * d + j] - c->mean[j]) / (c->sigma * c->scale[j]);
        for (size_t k = 0; k < d; k++) {
            u[k] = c->separable ? y[k] : 0;
            for (size_t j = 0; j < d && !c->separable; j++)
                u[k] += c->basis[j * d + k] * y[j];
            u[k] /= c->axes[k];
            length += u[k] * u[k];
        }
        double nearer = fmin(1, most / sqrt(length));
        for (size_t j = 0; j < d && nearer < 1; j++) {
            y[j] *= nearer;
            u[j] *= nearer;
        }
    }
}

static double squared_length(const double *x, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += x[j] * x[j];
    return sum;
}

/* Equations (45) and (47) without the old C: adds the rank-one and the rank-mu parts. */
static void add_ranks(struct cma *c, const struct cma_rates *r, const double *y, const double *u)
{
    size_t d = c->d;
    for (size_t i = 0; i <= r->n; i++) {
        const double *v = i < r->n ? y + i * d : c->path_c;
        double w = i < r->n ? r->c_mu * r->weights[i] : r->c_1;
        if (i < r->n && w < 0)
            w *= (double)d / (squared_length(u + i * d, d) + 1e-8); /* (46) */
        for (size_t a = 0; a < d && c->separable; a++)
            c->cov[a] += w * v[a] * v[a];
        for (size_t a = 0; a < d && !c->separable; a++)
            for (size_t b = 0; b < d; b++)
                c->cov[a * d + b] += w * v[a] * v[b];
    }
}

void cma_update(struct cma *c, const double *points, size_t n)
{
    size_t d = c->d;
    if (d == 0)
        return;
    struct cma_rates r;
    double dims = (double)d, sum = 0;
    double *y = mem_alloc((2 * n + 2) * d * sizeof *y), *u = y + n * d, *y_w = u + n * d,
           *u_w = y_w + d;
    cma_rates_init(&r, d, n, c->separable);
    steps_of(c, points, n, y, u);
    for (size_t i = 0; i < n; i++) {
        sum += r.weights[i];
        for (size_t j = 0; j < d && i < r.mu; j++) {
            y_w[j] += r.weights[i] * y[i * d + j]; /* (41) */
            u_w[j] += r.weights[i] * u[i * d + j];
        }
    }
    c->updates++;
    /* (43): the expected length of a standard normal vector, section A */
    double expected = sqrt(dims) * (1 - 1 / (4 * dims) + 1 / (21 * dims * dims));
    for (size_t j = 0; j < d; j++) {
        double step = c->separable ? u_w[j] : 0;
        for (size_t k = 0; k < d && !c->separable; k++)
            step += c->basis[j * d + k] * u_w[k];
        c->mean[j] += c->sigma * c->scale[j] * y_w[j]; /* (42) */
        c->path_s[j] =
            (1 - r.c_sigma) * c->path_s[j] + sqrt(r.c_sigma * (2 - r.c_sigma) * r.mu_eff) * step;
    }
    double length = sqrt(squared_length(c->path_s, d));
    double change = r.c_sigma / r.d_sigma * (length / expected - 1); /* (44) */
    bool steady = length / sqrt(1 - pow(1 - r.c_sigma, 2 * ((double)c->updates + 1))) <
                  (1.4 + 2 / (dims + 1)) * expected; /* h_sigma */
    double keep = 1 - r.c_1 - r.c_mu * sum + (steady ? 0 : r.c_1 * r.c_c * (2 - r.c_c));
    for (size_t j = 0; j < d; j++)
        c->path_c[j] = (1 - r.c_c) * c->path_c[j] +
                       (steady ? sqrt(r.c_c * (2 - r.c_c) * r.mu_eff) * y_w[j] : 0); /* (45) */
    for (size_t i = 0; i < (c->separable ? d : d * d); i++)
        c->cov[i] *= keep;
    add_ranks(c, &r, y, u);
    c->sigma *= exp(fmin(change, STEP_CHANGE));
    cov_decompose(c);
    cma_rates_done(&r);
    mem_free(y);
}

static double chance_within(double p)
{
    return fmin(fmax(p, CHANCE_LEAST), 0.5 - CHANCE_LEAST);
}

void cma_keep_margin(struct cma *c, size_t j, double low, double high, double alpha)
{
    double deviation = cma_deviation(c, j);
    if (isinf(low) || isinf(high)) {
        double limit = isinf(low) ? high : low, sign = isinf(low) ? -1 : 1;
        double most = -deviation * dist_normal_quantile(alpha);
        c->mean[j] = limit + sign * fmin(fabs(c->mean[j] - limit), most);
        return;
    }
    double below = dist_normal_cdf((low - c->mean[j]) / deviation);
    double above = dist_normal_cdf((c->mean[j] - high) / deviation);
    double within = 1 - below - above;
    if (below >= alpha / 2 && above >= alpha / 2) /* nothing to widen; rounding would narrow */
        return;
    below = fmax(below, alpha / 2);
    above = fmax(above, alpha / 2);
    double excess = (1 - below - above - within) / (below + within + above - 1.5 * alpha);
    double p = chance_within(below + excess * (below - alpha / 2));
    double q = chance_within(above + excess * (above - alpha / 2));
    double to_low = -dist_normal_quantile(p), to_high = -dist_normal_quantile(q);
    c->scale[j] *= (high - low) / (to_low + to_high) / deviation;
    c->mean[j] = (low * to_high + high * to_low) / (to_low + to_high);
}
