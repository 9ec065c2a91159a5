/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/parzen/parzen.h"
#include "tests/test.h"

static const struct parzen_rule even = {.width = 0.2, .levels = 0.2, .prior = 1};

static struct parzen_axis normal = {.kind = PARZEN_NORMAL};
static double places[] = {0.1, 0.35, 0.75}, chances[] = {0.2, 0.3, 0.5};
static struct parzen_axis levels = {
    .kind = PARZEN_LEVELS, .levels = 3, .places = places, .chances = chances};
static struct parzen_axis categories = {
    .kind = PARZEN_CATEGORIES, .levels = 3, .places = places, .chances = chances};

/* By Python's math.erfc: N(0.3, 0.2^2) and N(0.5, 1), each cut off at 0 and 1, half each. */
TEST(the_density_is_that_of_normal_distributions_within_the_cube)
{
    static const double at[] = {0, 0.3, 0.9, 1};
    static const double want[] = {-0.214721224865, 0.457185894043, -0.707772713804,
                                  -0.772095369474};
    double point = 0.3;
    const double *points[] = {&point};
    struct parzen p;
    parzen_init(&p, &normal, 1, &even, points, 1);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        ASSERT_NEAR(parzen_log(&p, &at[i]), want[i], 1e-9);
    parzen_done(&p);
}

TEST(every_density_has_the_mass_one)
{
    static const double points_of[][3] = {
        {0.02, 0.1, 0.75}, {0.97, 0.35, 0.1}, {0.5, NAN, 0.1}, {NAN, 0.75, NAN}};
    const double *points[] = {points_of[0], points_of[1], points_of[2], points_of[3]};
    struct parzen_axis axes[] = {normal, levels, categories};
    struct parzen_rule ranked = {.width = 0.15, .levels = 0.1, .prior = 0.3, .ranked = true};
    for (size_t n = 0; n <= 4; n++) {
        struct parzen p;
        double mass = 0;
        parzen_init(&p, axes, 3, n % 2 ? &even : &ranked, points, n);
        for (int step = 0; step < 1000; step++)
            for (int i = 0; i < 9; i++) {
                double x[] = {(step + 0.5) / 1000, places[i / 3], places[i % 3]};
                mass += exp(parzen_log(&p, x)) / 1000;
            }
        ASSERT_NEAR(mass, 1, 1e-4);
        parzen_done(&p);
    }
}

/* A parameter that does not exist takes no part: the density of the others. */
TEST(what_is_not_there_counts_for_nothing)
{
    static const double two[] = {0.4, 0.6}, one[] = {0.4, NAN};
    const double *points[] = {two};
    struct parzen_axis axes[] = {normal, normal};
    struct parzen p;
    double mass = 0;
    parzen_init(&p, axes, 2, &even, points, 1);
    for (int step = 0; step < 1000; step++) {
        double x[] = {0.4, (step + 0.5) / 1000};
        mass += exp(parzen_log(&p, x)) / 1000;
    }
    ASSERT_NEAR(log(mass), parzen_log(&p, one), 1e-4);
    parzen_done(&p);
}

TEST(draws_have_the_density)
{
    enum { DRAWS = 20000, BINS = 10 };
    static const double points_of[][2] = {{0.05, 0.1}, {0.6, 0.75}};
    const double *points[] = {points_of[0], points_of[1]};
    for (int kind = 0; kind < 2; kind++) {
        struct parzen_axis axes[] = {normal, kind ? levels : categories};
        struct parzen p;
        struct rng rng;
        int counts[BINS][3] = {0};
        parzen_init(&p, axes, 2, &even, points, 2);
        rng_init(&rng, 5, 0, RNG_TEST);
        for (int i = 0; i < DRAWS; i++) {
            double x[2];
            parzen_draw(&p, &rng, x);
            ASSERT(x[0] >= 0 && x[0] <= 1);
            size_t level = x[1] < 0.2 ? 0 : x[1] < 0.5 ? 1 : 2;
            ASSERT(x[1] == places[level]);
            counts[x[0] < 1 ? (int)(x[0] * BINS) : BINS - 1][level]++;
        }
        for (int bin = 0; bin < BINS; bin++)
            for (int level = 0; level < 3; level++) {
                double mass = 0;
                for (int step = 0; step < 20; step++) {
                    double x[] = {(bin + (step + 0.5) / 20) / BINS, places[level]};
                    mass += exp(parzen_log(&p, x)) / 20 / BINS;
                }
                ASSERT(fabs(counts[bin][level] - mass * DRAWS) < 5 * sqrt(mass * DRAWS) + 5);
            }
        parzen_done(&p);
    }
}

TEST(near_levels_are_alike_and_other_categories_are_not)
{
    static const double point[] = {0.1};
    const double *points[] = {point, point, point, point, point};
    struct parzen p;
    parzen_init(&p, &levels, 1, &even, points, 5);
    ASSERT(parzen_log(&p, &places[1]) - log(chances[1]) >
           parzen_log(&p, &places[2]) - log(chances[2]) + 0.5);
    parzen_done(&p);
    parzen_init(&p, &categories, 1, &even, points, 5);
    ASSERT_NEAR(parzen_log(&p, &places[1]) - log(chances[1]),
                parzen_log(&p, &places[2]) - log(chances[2]), 1e-9);
    ASSERT(parzen_log(&p, &places[0]) - log(chances[0]) >
           parzen_log(&p, &places[1]) - log(chances[1]) + 1);
    parzen_done(&p);
}
