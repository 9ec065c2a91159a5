/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/pareto.h"

#include <math.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "tests/test.h"

static const bool minimize[PARETO_OBJECTIVES_MAX];

TEST(pareto_domination_is_better_in_one_and_worse_in_none)
{
    static const bool up_down[] = {true, false};
    ASSERT(pareto_dominates((double[]){0.9, 5}, (double[]){0.8, 5}, 2, up_down));
    ASSERT(!pareto_dominates((double[]){0.8, 5}, (double[]){0.8, 5}, 2, up_down));
    ASSERT(!pareto_dominates((double[]){0.9, 6}, (double[]){0.8, 5}, 2, up_down));
}

TEST(pareto_front_is_what_no_row_dominates)
{
    enum { N = 200, M = 3 };
    double rows[N * M];
    size_t front[N];
    struct rng r;
    for (uint64_t seed = 0; seed < 20; seed++) {
        size_t n = 0;
        rng_init(&r, seed, 0, RNG_TEST);
        for (size_t i = 0; i < N * M; i++)
            rows[i] = (double)rng_below(&r, 12);
        size_t count = pareto_front(rows, N, M, minimize, front);
        for (size_t i = 0; i < N; i++) {
            bool beaten = false;
            for (size_t k = 0; k < N; k++)
                beaten = beaten || pareto_dominates(rows + k * M, rows + i * M, M, minimize);
            if (!beaten)
                ASSERT(n < count && front[n++] == i);
        }
        ASSERT_EQ(n, count);
    }
}

TEST(pareto_hypervolume_of_known_fronts)
{
    static const bool up[] = {true, true};
    static const double ones[] = {1, 1, 1, 1}, zeros[] = {0, 0};
    ASSERT(pareto_hypervolume((double[]){0.25, 0.5}, 1, 2, minimize, ones) == 0.375);
    ASSERT(pareto_hypervolume((double[]){0.25, 0.5, 0.5, 0.25}, 2, 2, minimize, ones) == 0.5);
    ASSERT(pareto_hypervolume((double[]){2, 1, 1, 2}, 2, 2, up, zeros) == 3);
    ASSERT(pareto_hypervolume((double[]){0.5, 0.5, 0.5}, 1, 3, minimize, ones) == 0.125);
    ASSERT(pareto_hypervolume((double[]){1.5, 0.5}, 1, 2, minimize, ones) == 0);
    ASSERT(pareto_hypervolume(NULL, 0, 2, minimize, ones) == 0);
}

/* Against the share of random points that a row dominates. */
TEST(pareto_hypervolume_is_the_dominated_share)
{
    enum { N = 12, DRAWS = 200000 };
    static const double ones[] = {1, 1, 1, 1};
    double rows[N * PARETO_OBJECTIVES_MAX], point[PARETO_OBJECTIVES_MAX];
    struct rng r;
    for (size_t m = 2; m <= PARETO_OBJECTIVES_MAX; m++) {
        size_t inside = 0;
        rng_init(&r, m, 0, RNG_TEST);
        for (size_t i = 0; i < N * m; i++)
            rows[i] = rng_unit(&r);
        for (size_t k = 0; k < DRAWS; k++) {
            bool covered = false;
            for (size_t j = 0; j < m; j++)
                point[j] = rng_unit(&r);
            for (size_t i = 0; i < N && !covered; i++)
                covered = pareto_dominates(rows + i * m, point, m, minimize);
            inside += covered;
        }
        double share = (double)inside / DRAWS;
        ASSERT(fabs(pareto_hypervolume(rows, N, m, minimize, ones) - share) < 0.006);
    }
}
