/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/parzen/parzen.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/dist.h"
#include "strategies/model/lanes.h"

#define LOG_ROOT_2PI 0.91893853320467274
/* Keeps the logarithm finite for a level of probability zero. */
#define MASS_LEAST 1e-12
#define DEVIATION_LEAST 0.01
/* The prior of a normal axis is nearly even, with a little more in the middle. */
#define PRIOR_DEVIATION 1.0

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * 0.70710678118654752);
}

/* The mass of the normal distribution within [0, 1]. */
static double normal_mass(double centre, double rate)
{
    return normal_cdf((1 - centre) * rate) - normal_cdf(-centre * rate);
}

static void set_normal(struct parzen *p, size_t j, size_t k, double centre, double deviation)
{
    size_t at = j * p->n + k;
    p->centres[at] = centre;
    p->rates[at] = 1 / deviation;
    p->norms[at] = log(deviation * normal_mass(centre, 1 / deviation)) + LOG_ROOT_2PI;
}

static uint32_t level_at(const struct parzen_axis *x, double place)
{
    size_t nearest = 0;
    for (size_t l = 1; l < x->levels; l++)
        if (fabs(x->places[l] - place) < fabs(x->places[nearest] - place))
            nearest = l;
    return (uint32_t)nearest;
}

static double safe_log(double mass)
{
    return log(fmax(mass, MASS_LEAST));
}

/* The log mass of each level under a normal distribution centred on one of them. */
static void fill_row(const struct parzen_axis *x, double centre, double deviation, double *ret)
{
    double sum = 0, below = 0, low = normal_cdf(-centre / deviation);
    for (size_t l = 0; l < x->levels; l++) {
        below += x->chances[l];
        double high = normal_cdf((below - centre) / deviation);
        sum += ret[l] = fmax(high - low, 0);
        low = high;
    }
    for (size_t l = 0; l < x->levels; l++)
        ret[l] = safe_log(ret[l] / sum);
}

static double *levels_table(const struct parzen_axis *x, double deviation)
{
    size_t n = x->levels;
    double *table = mem_alloc((n + 1) * n * sizeof *table);
    for (size_t l = 0; l < n; l++) {
        fill_row(x, x->places[l], deviation, table + l * n);
        table[n * n + l] = safe_log(x->chances[l]);
    }
    return table;
}

/* A point counts once for its own category; the prior adds `even` points per category, spread by
 * the categories' chances. */
static double *categories_table(const struct parzen_axis *x, double even)
{
    size_t n = x->levels;
    double *table = mem_alloc(3 * n * sizeof *table), all = even * (double)n;
    for (size_t l = 0; l < n; l++) {
        table[l] = safe_log(x->chances[l]);
        table[n + l] = safe_log(all * x->chances[l] / (1 + all));
        table[2 * n + l] = safe_log((1 + all * x->chances[l]) / (1 + all));
    }
    return table;
}

/* The log mass of level l under the kernel of a point at level `row`. */
static double level_log(const struct parzen *p, size_t j, size_t row, size_t l)
{
    size_t n = p->axes[j].levels;
    if (p->axes[j].kind == PARZEN_LEVELS)
        return p->tables[j][row * n + l];
    return p->tables[j][row == n ? l : row == l ? 2 * n + l : n + l];
}

static void fill_axis(struct parzen *p, size_t j, const struct parzen_rule *rule,
                      const double *const *points)
{
    const struct parzen_axis *x = &p->axes[j];
    size_t n = p->n - 1, there = 0;
    for (size_t k = 0; k < n; k++)
        there += isnan(points[k][j]) ? 0 : 1;
    double width = x->kind == PARZEN_LEVELS ? rule->levels : rule->width;
    double deviation = width * pow(fmax((double)there, 1), -1 / ((double)p->d + 4));
    deviation = fmax(deviation, DEVIATION_LEAST);
    if (x->kind != PARZEN_NORMAL) {
        p->tables[j] = x->kind == PARZEN_LEVELS ? levels_table(x, deviation)
                                                : categories_table(x, 1 / (double)p->n);
        for (size_t k = 0; k < n; k++)
            p->rows[j * p->n + k] =
                isnan(points[k][j]) ? (uint32_t)x->levels : level_at(x, points[k][j]);
        p->rows[j * p->n + n] = (uint32_t)x->levels;
        return;
    }
    deviation = fmax(deviation, x->width);
    for (size_t k = 0; k < n; k++)
        if (isnan(points[k][j]))
            set_normal(p, j, k, 0.5, PRIOR_DEVIATION);
        else
            set_normal(p, j, k, points[k][j], deviation);
    set_normal(p, j, n, 0.5, PRIOR_DEVIATION);
}

void parzen_init(struct parzen *p, const struct parzen_axis *axes, size_t d,
                 const struct parzen_rule *rule, const double *const *points, size_t n)
{
    double sum = rule->prior;
    *p = (struct parzen){.d = d, .n = n + 1, .axes = axes};
    size_t cells = d * p->n;
    p->weights = mem_alloc(3 * p->n * sizeof *p->weights);
    p->logs = p->weights + p->n;
    p->sums = p->logs + p->n;
    p->centres = mem_alloc(3 * cells * sizeof *p->centres);
    p->rates = p->centres + cells;
    p->norms = p->rates + cells;
    p->rows = mem_alloc(cells * sizeof *p->rows);
    p->tables = mem_alloc(d * sizeof *p->tables);
    for (size_t k = 0; k < n; k++) {
        p->weights[k] = rule->ranked ? log(((double)n + 0.5) / ((double)k + 1)) : 1;
        sum += p->weights[k];
    }
    p->weights[n] = rule->prior;
    for (size_t k = 0; k < p->n; k++) {
        p->weights[k] /= sum;
        p->logs[k] = log(p->weights[k]);
    }
    for (size_t j = 0; j < d; j++)
        fill_axis(p, j, rule, points);
}

void parzen_done(struct parzen *p)
{
    for (size_t j = 0; j < p->d; j++)
        mem_free(p->tables[j]);
    mem_free(p->tables);
    mem_free(p->rows);
    mem_free(p->centres);
    mem_free(p->weights);
    *p = (struct parzen){0};
}

static double draw_normal(double centre, double rate, double u)
{
    double low = normal_cdf(-centre * rate), high = normal_cdf((1 - centre) * rate);
    double x = centre + dist_normal_quantile(low + u * (high - low)) / rate;
    return fmin(fmax(x, 0), 1);
}

static double draw_level(const struct parzen *p, size_t j, size_t row, double u)
{
    size_t l = 0;
    for (; l + 1 < p->axes[j].levels; l++) {
        u -= exp(level_log(p, j, row, l));
        if (u < 0)
            break;
    }
    return p->axes[j].places[l];
}

void parzen_draw(const struct parzen *p, struct rng *rng, double *ret)
{
    double u = rng_unit(rng);
    size_t k = 0;
    for (; k + 1 < p->n; k++) {
        u -= p->weights[k];
        if (u < 0)
            break;
    }
    for (size_t j = 0; j < p->d; j++) {
        size_t at = j * p->n + k;
        if (p->axes[j].kind != PARZEN_NORMAL)
            ret[j] = draw_level(p, j, p->rows[at], rng_unit(rng));
        else
            ret[j] = draw_normal(p->centres[at], p->rates[at], rng_unit(rng));
    }
}

LANES static void parzen_add_normal(double *sums, const double *centres, const double *rates,
                                    const double *norms, double x, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double away = (x - centres[k]) * rates[k];
        sums[k] -= 0.5 * away * away + norms[k];
    }
}

double parzen_log(const struct parzen *p, const double *x)
{
    double most = -INFINITY, sum = 0;
    for (size_t k = 0; k < p->n; k++)
        p->sums[k] = p->logs[k];
    for (size_t j = 0; j < p->d; j++) {
        size_t at = j * p->n;
        if (isnan(x[j]))
            continue;
        if (p->axes[j].kind == PARZEN_NORMAL) {
            parzen_add_normal(p->sums, p->centres + at, p->rates + at, p->norms + at, x[j], p->n);
            continue;
        }
        size_t level = level_at(&p->axes[j], x[j]);
        for (size_t k = 0; k < p->n; k++)
            p->sums[k] += level_log(p, j, p->rows[at + k], level);
    }
    for (size_t k = 0; k < p->n; k++)
        most = fmax(most, p->sums[k]);
    for (size_t k = 0; k < p->n; k++)
        sum += exp(p->sums[k] - most);
    return most + log(sum);
}
