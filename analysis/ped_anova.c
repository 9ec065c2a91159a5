/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/ped_anova.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

enum { REGIME_MIN = 2 }; /* trials that must have the parameter */

/* Optuna gives logarithmic integers fewer cells: low values would leave most of them empty. */
static size_t number_cells(const struct factor *f)
{
    if (f->levels == 0)
        return PED_ANOVA_STEPS;
    double n = (double)f->levels;
    if (f->scale == FACTOR_LOG)
        n = ceil(log2(n)) + 1;
    return n < PED_ANOVA_STEPS ? (size_t)n : PED_ANOVA_STEPS;
}

/* Without bounds, the place is the probability of a smaller value. */
static double number_place(const struct factor *f, double x)
{
    return f->bounded ? factor_place(f, x) : space_cdf(f->p, x);
}

static int32_t number_cell(const struct factor *f, double x, size_t cells)
{
    double at = ceil(number_place(f, x) * (double)(cells - 1) - 0.5);
    return at > 0 ? (int32_t)fmin(at, (double)(cells - 1)) : 0;
}

void ped_anova_grid_init(struct ped_anova_grid *g, const struct factor *f, size_t rows)
{
    g->category = f->scale == FACTOR_CATEGORY;
    g->cells = g->category ? factor_places(f) : number_cells(f);
    g->cell = mem_alloc((rows + 1) * sizeof *g->cell);
    for (size_t i = 0; i < rows; i++) {
        double x = f->values[i];
        g->cell[i] = isnan(x) ? -1 : g->category ? (int32_t)x : number_cell(f, x, g->cells);
    }
}

void ped_anova_grid_done(struct ped_anova_grid *g)
{
    mem_free(g->cell);
    g->cell = NULL;
}

/* A mixture of one kernel for each observed category and one uniform kernel. */
static void category_density(size_t cells, const double *counts, double *ret)
{
    double n = 0, kernels = 1;
    for (size_t i = 0; i < cells; i++) {
        n += counts[i];
        kernels += counts[i] > 0;
    }
    double base = 1 / kernels, row = 1 + (double)cells / kernels;
    for (size_t i = 0; i < cells; i++)
        ret[i] = (counts[i] * (1 + base) / row + (n - counts[i]) * base / row + 1 / (double)cells) /
                 (n + 1);
}

/* Scott's rule (1992) with the interquartile range, in cells. The least bandwidth puts 90 % of a
 * kernel into its own cell. */
static double scott_bandwidth(size_t cells, const double *counts, double n)
{
    double mean = 0, square = 0, cumulated = 0, quarter = floor(n / 4), rest = floor(n * 3 / 4);
    size_t first = 0, last = 0;
    bool has_first = false, has_last = false;
    for (size_t i = 0; i < cells; i++)
        mean += (double)i * counts[i] / n;
    for (size_t i = 0; i < cells; i++) {
        if (counts[i] <= 0)
            continue;
        square += ((double)i - mean) * ((double)i - mean) * counts[i];
        cumulated += counts[i];
        if (!has_first && cumulated >= quarter) {
            first = i;
            has_first = true;
        }
        if (!has_last)
            last = i;
        has_last = has_last || cumulated > rest;
    }
    double deviation = sqrt(square / fmax(1, n - 1));
    double sigma = 1.059 * fmin((double)(last - first) / 1.34, deviation) * pow(n, -0.2);
    return fmax(sigma, 0.5 / 1.64);
}

/* P(a < Z < b) of a standard normal Z; from the tail that is nearer, to keep small masses. */
static double normal_mass(double a, double b)
{
    const double half = 0.70710678118654752440;
    return a > 0 ? 0.5 * (erfc(a * half) - erfc(b * half))
                 : 0.5 * (erfc(-b * half) - erfc(-a * half));
}

/* Adds `weight` of a normal kernel at mu that is cut at the ends of the grid, cell by cell. */
static void kernel_add(size_t cells, double weight, double mu, double sigma, double *ret)
{
    double total = normal_mass((-0.5 - mu) / sigma, ((double)cells - 0.5 - mu) / sigma);
    for (size_t i = 0; i < cells; i++)
        ret[i] += weight *
                  normal_mass(((double)i - 0.5 - mu) / sigma, ((double)i + 0.5 - mu) / sigma) /
                  total;
}

/* The kernels of all cells have one bandwidth, so the masses depend on the distance alone. */
static void number_density(size_t cells, const double *counts, double *ret)
{
    double n = 0, mass[PED_ANOVA_STEPS], below[2 * PED_ANOVA_STEPS + 1];
    PRE(cells <= PED_ANOVA_STEPS);
    for (size_t i = 0; i < cells; i++)
        n += counts[i];
    double sigma = scott_bandwidth(cells, counts, n);
    for (size_t d = 0; d < cells; d++)
        mass[d] = normal_mass(((double)d - 0.5) / sigma, ((double)d + 0.5) / sigma);
    for (size_t i = 0; i <= 2 * cells; i++) /* P(Z < i - cells + a half, in bandwidths) */
        below[i] = 0.5 * erfc(-((double)i - (double)cells + 0.5) / sigma * 0.70710678118654752440);
    memset(ret, 0, cells * sizeof *ret);
    for (size_t k = 0; k < cells; k++) {
        if (counts[k] <= 0)
            continue;
        double total = below[2 * cells - 1 - k] - below[cells - 1 - k];
        for (size_t i = 0; i < cells; i++)
            ret[i] += counts[k] / (n + 1) * mass[i > k ? i - k : k - i] / total;
    }
    kernel_add(cells, 1 / (n + 1), ((double)cells - 1) / 2, (double)cells, ret);
}

static void grid_density(const struct ped_anova_grid *g, const double *counts, double *ret)
{
    if (g->category)
        category_density(g->cells, counts, ret);
    else
        number_density(g->cells, counts, ret);
}

double ped_anova_importance(const struct ped_anova_grid *g, const double *best, const double *all,
                            double n_best, double n_all)
{
    double with_best = 0, with_all = 0, sum = 0, few[2][PED_ANOVA_STEPS];
    double *p = few[0], *q = few[1], *many = NULL;
    const double least = 1e-12; /* keeps p above 0 where no kernel reaches */
    for (size_t i = 0; i < g->cells; i++) {
        with_best += best[i];
        with_all += all[i];
    }
    if (with_all < REGIME_MIN || !(with_best > 0))
        return 0;
    if (g->cells > PED_ANOVA_STEPS) { /* a long list of categories */
        many = mem_alloc(2 * g->cells * sizeof *many);
        p = many;
        q = many + g->cells;
    }
    grid_density(g, all, p);
    grid_density(g, best, q);
    for (size_t i = 0; i < g->cells; i++) {
        double ratio = (q[i] + least) / (p[i] + least) - 1;
        sum += (p[i] + least) * ratio * ratio;
    }
    mem_free(many);
    double alpha = with_best / n_best, beta = with_all / n_all;
    return alpha * alpha / beta * sum;
}
