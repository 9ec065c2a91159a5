/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/evolution/cma.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "tests/test.h"

static void check_numbers(const double *found, const double *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ASSERT_NEAR(found[i], expected[i], 1e-12);
}

/* The values are those of the package cmaes 0.13.1 (CMA.tell) for the same points. */
TEST(updates_are_those_of_another_implementation)
{
    static const double middle[] = {0.5, 0.5, 0.5};
    static const double mean[] = {0.425148142101738, 0.553080923862089, 0.604965959636517};
    static const double cov[] = {0.881035926846562,   -0.0431113898411157, -0.135282505980811,
                                 -0.0431113898411157, 0.657754667574255,   -0.0206881476053331,
                                 -0.135282505980811,  -0.0206881476053331, 0.893757178642109};
    static const double path_c[] = {-1.03986791599153, -0.35158534931765, 0.840404978862933};
    static const double path_s[] = {-1.23213379623149, -0.226540966027368, 1.10361158519094};
    struct cma c;
    cma_init(&c, 3);
    cma_start(&c, middle, 0.2);
    for (int g = 0; g < 5; g++) {
        double points[6][3];
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 3; j++)
                points[i][j] = 0.5 + 0.25 * sin(1 + 7 * g + 3 * i + 5 * j);
        cma_update(&c, points[0], 6);
    }
    check_numbers(c.mean, mean, 3);
    check_numbers(&c.sigma, (double[]){0.129707542155898}, 1);
    check_numbers(c.cov, cov, 9);
    check_numbers(c.path_c, path_c, 3);
    check_numbers(c.path_s, path_s, 3);
    cma_done(&c);
}

/* The chances of other levels say nothing of the width then: they are nearly 1/2. */
TEST(the_margin_leaves_a_distribution_of_very_many_levels_as_it_is)
{
    struct cma c;
    cma_init(&c, 1);
    cma_start(&c, (double[]){0.3}, 0.2);
    for (double level = 1e-6; level > 1e-17; level /= 10)
        cma_keep_margin(&c, 0, 0.3 - level / 2, 0.3 + level / 2, 0.25);
    ASSERT_NEAR(c.mean[0], 0.3, 1e-15);
    ASSERT_NEAR(cma_deviation(&c, 0), 0.2, 1e-15);
    cma_done(&c);
}

/* An integer and a number, as CMAwM.tell of that package: the mean within a level, and in the first. */
TEST(the_margin_is_that_of_another_implementation)
{
    static const struct {
        double mean, sigma, lower, low, high, mean_after[2], scale_after;
    } cases[] = {
        {2.2, 0.3, 0, 1.5, 2.5, {2.0664781632094, 0.47224849894886}, 1.50510094757484},
        {0.45, 0.1, 0.1, -INFINITY, 0.5, {0.363191051295283, 0.49074949964962}, 1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct cma c;
        double points[6][2];
        cma_init(&c, 2);
        cma_start(&c, (double[]){cases[k].mean, 0.5}, cases[k].sigma);
        for (int i = 0; i < 6; i++) {
            double step = cases[k].sigma * 0.9;
            points[i][0] = cases[k].mean - cases[k].lower + step * sin(1 + 3 * i) * 0.15;
            points[i][1] = 0.5 + step * sin(1 + 3 * i + 5);
        }
        cma_update(&c, points[0], 6);
        cma_keep_margin(&c, 0, cases[k].low, cases[k].high, 1.0 / 12);
        for (size_t j = 0; j < 2; j++)
            ASSERT_NEAR(c.mean[j], cases[k].mean_after[j], 1e-9);
        ASSERT_NEAR(c.scale[0], cases[k].scale_after, 1e-9);
        cma_done(&c);
    }
}

struct function {
    const char *name;
    double (*f)(const double *x, size_t d);
    int evaluations; /* to get below 1e-9 from 0.5 away, in 6 dimensions */
};

static double sphere(const double *x, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (x[j] - 0.2) * (x[j] - 0.2);
    return sum;
}

/* Condition 10^4, turned by a reflection. */
static double turned_ellipsoid(const double *x, size_t d)
{
    double sum = 0, along = 0;
    for (size_t j = 0; j < d; j++)
        along += (x[j] - 0.2) / (double)d;
    for (size_t j = 0; j < d; j++) {
        double y = x[j] - 0.2 - 2 * along;
        sum += pow(1e4, (double)j / (double)(d - 1)) * y * y;
    }
    return sum;
}

static double rosenbrock(const double *x, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j + 1 < d; j++) {
        double a = 3 * x[j], b = 3 * x[j + 1];
        sum += 100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a);
    }
    return sum;
}

struct ranked {
    double x[6], loss;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->loss > y->loss) - (x->loss < y->loss);
}

static int evaluations_of(const struct function *f, uint64_t seed)
{
    enum { D = 6, POPULATION = 9 };
    struct cma c;
    struct rng rng;
    double middle[D] = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, best = INFINITY;
    int n = 0;
    rng_init(&rng, seed, 0, RNG_TEST);
    cma_init(&c, D);
    cma_start(&c, middle, 0.2);
    while (best > 1e-9 && n < 10000) {
        struct ranked ranked[POPULATION];
        double points[POPULATION][D], z[D];
        for (int i = 0; i < POPULATION; i++, n++) {
            for (int j = 0; j < D; j++)
                z[j] = rng_normal(&rng);
            cma_point(&c, z, ranked[i].x);
            ranked[i].loss = f->f(ranked[i].x, D);
            best = fmin(best, ranked[i].loss);
        }
        qsort(ranked, POPULATION, sizeof *ranked, compare_ranked);
        for (int i = 0; i < POPULATION; i++)
            memcpy(points[i], ranked[i].x, sizeof points[i]);
        cma_update(&c, points[0], POPULATION);
    }
    cma_done(&c);
    return n;
}

TEST(standard_functions_are_solved)
{
    static const struct function functions[] = {{"sphere", sphere, 1000},
                                                {"ellipsoid", turned_ellipsoid, 2200},
                                                {"rosenbrock", rosenbrock, 3000}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        int n = evaluations_of(&functions[i], 1);
        if (n > functions[i].evaluations)
            FAIL("%s: %d evaluations", functions[i].name, n);
    }
}

TEST(points_far_away_and_equal_points_do_no_harm)
{
    struct cma c;
    double middle[2] = {0.5, 0.5}, z[2] = {1, -1}, x[2];
    cma_init(&c, 2);
    cma_start(&c, middle, 1e-9);
    for (int g = 0; g < 200; g++) {
        double far[4][2] = {{1, 0}, {0, 1}, {1, 1}, {g % 2, 0.5}};
        double same[4][2] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}};
        cma_update(&c, g < 100 ? far[0] : same[0], 4);
        cma_point(&c, z, x);
        ASSERT(isfinite(x[0]) && isfinite(x[1]) && c.sigma > 0);
    }
    cma_done(&c);
}

TEST(weights_are_those_of_the_tutorial)
{
    for (size_t n = 2; n < 200; n = n < 20 ? n + 1 : n * 2)
        for (size_t d = 1; d < 2000; d = d % 2 ? 2 * d : 3 * d / 2) {
            struct cma_rates r;
            double sum = 0, rest = 0;
            cma_rates_init(&r, d, n, d > CMA_DENSE_MOST);
            for (size_t i = 0; i < n; i++)
                *(i < r.mu ? &sum : &rest) += r.weights[i];
            ASSERT_NEAR(sum, 1, 1e-12);
            ASSERT(rest <= 0 && rest > -3);
            ASSERT(r.c_1 > 0 && r.c_mu >= 0 && r.c_1 + r.c_mu < 1 && r.c_sigma < 1 && r.c_c <= 1);
            /* C stays positive definite: what an update takes away is less than what it keeps. */
            ASSERT(1 - r.c_1 - r.c_mu * (1 + rest) + (double)d * r.c_mu * rest >= -1e-12);
            cma_rates_done(&r);
        }
}

/* Along the axes, with condition 10^4. */
static double ellipsoid(const double *x, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += pow(1e4, (double)j / (double)(d - 1)) * (x[j] - 0.4) * (x[j] - 0.4);
    return sum;
}

struct wide {
    const double *x;
    double loss;
};

static int compare_wide(const void *a, const void *b)
{
    double x = ((const struct wide *)a)->loss, y = ((const struct wide *)b)->loss;
    return (x > y) - (x < y);
}

TEST(hundreds_of_coordinates_have_a_diagonal_covariance)
{
    enum { D = 240, POPULATION = 14, GENERATIONS = 2500 };
    struct cma c;
    struct rng rng;
    double middle[D], *x = mem_alloc((2 * POPULATION + 1) * D * sizeof *x);
    double *points = x + POPULATION * D, *z = points + POPULATION * D;
    for (size_t j = 0; j < D; j++)
        middle[j] = 0.5;
    rng_init(&rng, 1, 0, RNG_TEST);
    cma_init(&c, D);
    ASSERT(c.separable && !c.basis);
    cma_start(&c, middle, 0.2);
    double first = ellipsoid(c.mean, D);
    for (int g = 0; g < GENERATIONS; g++) {
        struct wide all[POPULATION];
        for (size_t i = 0; i < POPULATION; i++) {
            for (size_t j = 0; j < D; j++)
                z[j] = rng_normal(&rng);
            cma_point(&c, z, x + i * D);
            all[i] = (struct wide){x + i * D, ellipsoid(x + i * D, D)};
        }
        qsort(all, POPULATION, sizeof *all, compare_wide);
        for (size_t i = 0; i < POPULATION; i++)
            memcpy(points + i * D, all[i].x, D * sizeof *points);
        cma_update(&c, points, POPULATION);
    }
    ASSERT(ellipsoid(c.mean, D) < 1e-6 * first);
    /* The steep axes have become short: by 10^2 where the condition is 10^4. */
    ASSERT(c.axes[0] > 20 * c.axes[D - 1]);
    cma_done(&c);
    mem_free(x);
}
