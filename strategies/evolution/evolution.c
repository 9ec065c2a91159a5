/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/evolution/evolution.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* A run has converged when no coordinate deviates by more than this fraction of the space. */
#define SMALLEST 1e-6
/* It has diverged when one deviates by more than this, or C is this ill-conditioned. */
#define LARGEST 10
#define CONDITION_MOST 1e14
/* Losses that differ by less are equal. */
#define SAME_LOSS 1e-12
/* Levels that begin this near to an end of the space are at the end. */
#define RANGE_END 1e-12
/* A population beyond this is not doubled. */
enum { POPULATION_MOST = 1 << 20 };

static void category_init(struct category *c, const struct coordinate *x, size_t levels)
{
    double *numbers = mem_alloc(3 * levels * sizeof *numbers);
    for (size_t v = 0; v < levels; v++) {
        numbers[v] = coordinate_place(x, v);
        numbers[levels + v] = coordinate_chance(x, v);
    }
    *c = (struct category){
        .n = levels, .places = numbers, .prior = numbers + levels, .chances = numbers + 2 * levels};
}

void evolution_init(struct evolution *e, const struct terrain *t, const struct evolution_rule *rule,
                    uint64_t seed)
{
    *e = (struct evolution){.terrain = t, .rule = *rule, .seed = seed};
    e->numbers = mem_alloc(t->d * sizeof *e->numbers);
    e->category_of = mem_alloc(t->d * sizeof *e->category_of);
    e->categories.items = mem_alloc(t->d * sizeof *e->categories.items);
    for (size_t j = 0; j < t->d; j++) {
        if (t->kinds[j] != FEATURE_CATEGORY) {
            e->numbers[e->numbers_n++] = j;
            continue;
        }
        category_init(&e->categories.items[e->categories.n], &t->coordinates.items[j],
                      (size_t)t->levels[j]);
        e->category_of[e->categories.n++] = j;
    }
    cma_init(&e->cma, e->numbers_n);
    evolution_start(e);
}

void evolution_done(struct evolution *e)
{
    for (size_t k = 0; k < e->categories.n; k++)
        mem_free(e->categories.items[k].places);
    mem_free(e->categories.items);
    mem_free(e->category_of);
    mem_free(e->numbers);
    cma_done(&e->cma);
}

static size_t population_doubled(const struct evolution *e, uint64_t doublings)
{
    size_t population = e->rule.population;
    for (uint64_t i = 0; i < doublings && population < POPULATION_MOST; i++)
        population *= 2;
    return population;
}

/* Begins a run about `mean`; every other state of the last one is forgotten. */
static void run_start(struct evolution *e, const double *mean, double sigma)
{
    cma_start(&e->cma, mean, sigma);
    categories_start(&e->categories);
    e->level = NAN;
    e->flat = 0;
}

void evolution_start(struct evolution *e)
{
    double *middle = mem_alloc(e->numbers_n * sizeof *middle);
    for (size_t i = 0; i < e->numbers_n; i++)
        middle[i] = 0.5;
    e->generation = e->restart = e->doublings = e->spent[0] = e->spent[1] = 0;
    e->small = false;
    e->population = e->rule.population;
    run_start(e, middle, e->rule.sigma);
    mem_free(middle);
}

void evolution_copy(struct evolution *to, const struct evolution *from)
{
    struct evolution kept = *to;
    *to = *from;
    to->numbers = kept.numbers;
    to->category_of = kept.category_of;
    to->categories = kept.categories;
    to->cma = kept.cma;
    cma_copy(&to->cma, &from->cma);
    for (size_t k = 0; k < to->categories.n; k++)
        memcpy(to->categories.items[k].chances, from->categories.items[k].chances,
               to->categories.items[k].n * sizeof(double));
}

/* The next run begins somewhere else. IPOP doubles the population each time (Auger and Hansen, "A
 * restart CMA evolution strategy with increasing population size", CEC 2005). BIPOP does so only
 * while the runs that it doubled had no more results than those with a small population and a small
 * step (Hansen, "Benchmarking a BI-population CMA-ES", GECCO 2009, section 2). */
static void run_restart(struct evolution *e)
{
    struct rng rng;
    double sigma = e->rule.sigma, *mean = mem_alloc(e->numbers_n * sizeof *mean);
    e->restart++;
    rng_init(&rng, e->seed, UINT64_MAX - e->restart, RNG_EVOLVE);
    e->small = e->rule.restarts == EVOLUTION_BIPOP && e->spent[1] < e->spent[0];
    e->doublings += !e->small;
    e->population = population_doubled(e, e->doublings);
    if (e->small) {
        double u = rng_unit(&rng), first = (double)e->rule.population;
        double ratio = (double)e->population / first / 2;
        e->population = (size_t)(first * pow(ratio, u * u));
        sigma *= pow(10, -2 * rng_unit(&rng));
    }
    for (size_t i = 0; i < e->numbers_n; i++)
        mean[i] = rng_unit(&rng);
    run_start(e, mean, sigma);
    mem_free(mean);
}

/* Whether nothing more is to be expected of this run: section B.3 of the tutorial. */
static bool run_is_over(const struct evolution *e)
{
    const struct cma *c = &e->cma;
    double widest = 0, least = INFINITY, most = 0;
    bool continuous = false;
    for (size_t i = 0; i < c->d; i++) {
        double deviation = cma_deviation(c, i);
        least = fmin(least, c->axes[i]);
        most = fmax(most, c->axes[i]);
        if (e->terrain->levels[e->numbers[i]] == 0) {
            continuous = true;
            widest = fmax(widest, deviation);
        }
    }
    double d = (double)(e->numbers_n + e->categories.n);
    if ((double)e->flat >= 10 + ceil(30 * d / (double)e->population))
        return true;
    return (continuous && (widest < SMALLEST || widest > LARGEST)) ||
           (c->d > 0 && most * most > CONDITION_MOST * least * least);
}

static void follow_level(struct evolution *e, double best)
{
    bool same = fabs(best - e->level) <= SAME_LOSS * fmax(1, fabs(best));
    e->flat = same ? e->flat + 1 : 0;
    e->level = same ? e->level : best;
}

/* A parameter that does not exist counts as drawn at random, so that it changes nothing on average. */
static void numbers_of(const struct evolution *e, const struct evolution_result *r, double *ret)
{
    struct rng rng;
    rng_init(&rng, e->seed, r->trial, RNG_EVOLVE);
    for (size_t i = 0; i < e->numbers_n; i++) {
        double x = r->x[e->numbers[i]], z = rng_normal(&rng);
        ret[i] = isnan(x) ? e->cma.mean[i] + cma_deviation(&e->cma, i) * z : x;
    }
}

static void learn_numbers(struct evolution *e, const struct evolution_result *results, size_t n)
{
    double *points = mem_alloc(n * e->numbers_n * sizeof *points);
    for (size_t i = 0; i < n; i++)
        numbers_of(e, &results[i], points + i * e->numbers_n);
    cma_update(&e->cma, points, n);
    mem_free(points);
    double alpha = 1 / ((double)e->population * (double)e->numbers_n);
    for (size_t i = 0; i < e->numbers_n; i++) {
        size_t j = e->numbers[i];
        double low, high;
        if (e->terrain->levels[j] == 0)
            continue;
        coordinate_range(&e->terrain->coordinates.items[j], e->cma.mean[i], &low, &high);
        low = low <= RANGE_END ? -INFINITY : low;
        high = high >= 1 - RANGE_END ? INFINITY : high;
        if (!(isinf(low) && isinf(high)))
            cma_keep_margin(&e->cma, i, low, high, alpha);
    }
}

static void learn_categories(struct evolution *e, const struct evolution_result *results, size_t n)
{
    struct cma_rates r;
    double *values = mem_alloc(n * sizeof *values);
    cma_rates_init(&r, e->numbers_n > 0 ? e->numbers_n : 1, n, e->cma.separable);
    for (size_t k = 0; k < e->categories.n; k++) {
        double parameters = 0;
        for (size_t i = 0; i < e->categories.n; i++)
            parameters += (double)e->categories.items[i].n - 1;
        double rate = r.mu_eff / (r.mu_eff + sqrt(parameters));
        for (size_t i = 0; i < r.mu; i++)
            values[i] = results[i].x[e->category_of[k]];
        categories_update(&e->categories, k, values, r.weights, r.mu, rate);
    }
    cma_rates_done(&r);
    mem_free(values);
}

void evolution_learn(struct evolution *e, const struct evolution_result *results, size_t n)
{
    if (e->numbers_n > 0)
        learn_numbers(e, results, n);
    learn_categories(e, results, n);
    follow_level(e, results[0].loss);
    e->generation++;
    e->spent[e->small] += e->restart > 0 ? n : 0;
    if (e->rule.restarts != EVOLUTION_ONCE && run_is_over(e))
        run_restart(e);
}

void evolution_draw(const struct evolution *e, struct rng *rng, bool middle, double *raw)
{
    double *z = mem_alloc(2 * e->numbers_n * sizeof *z), *x = z + e->numbers_n;
    for (size_t i = 0; i < e->numbers_n; i++)
        z[i] = middle ? 0 : rng_normal(rng);
    cma_point(&e->cma, z, x);
    for (size_t i = 0; i < e->numbers_n; i++)
        raw[e->numbers[i]] = fmin(fmax(x[i], 0), 1);
    for (size_t k = 0; k < e->categories.n; k++)
        raw[e->category_of[k]] = categories_at(&e->categories.items[k], rng_unit(rng));
    mem_free(z);
}
