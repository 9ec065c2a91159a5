/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/cube.h"

#include "base/number/rng.h"
#include "strategies/strategy.h"
#include "tests/spaces.h"

/* Owen scrambling keeps a net a net: of the first 2^m points of one dimension, each of the 2^m
 * equal intervals holds one; and of the first two dimensions of Sobol, so does each box of area
 * 2^-m. */
TEST(scrambled_sobol_is_a_net)
{
    enum { M = 8, N = 1 << M };
    for (uint64_t seed = 0; seed < 5; seed++) {
        static double x[N][CUBE_SOBOL_DIMS];
        struct cube c;
        cube_init(&c, CUBE_SOBOL_DIMS, seed);
        for (int i = 0; i < N; i++)
            ASSERT(cube_next(&c, x[i]));
        for (int d = 0; d < CUBE_SOBOL_DIMS; d++) {
            bool hit[N] = {0};
            for (int i = 0; i < N; i++) {
                int at = (int)(x[i][d] * N);
                ASSERT(x[i][d] > 0 && x[i][d] < 1);
                ASSERT(!hit[at]);
                hit[at] = true;
            }
        }
        for (int bits = 0; bits <= M; bits++) {
            bool hit[N] = {0};
            for (int i = 0; i < N; i++) {
                int at =
                    (int)(x[i][0] * (1 << bits)) << (M - bits) | (int)(x[i][1] * (1 << (M - bits)));
                ASSERT(!hit[at]);
                hit[at] = true;
            }
        }
        cube_done(&c);
    }
}

TEST(halton_fills_each_dimension)
{
    static const int bases[] = {2, 3, 5, 7, 11, 13};
    static double x[169][50];
    struct cube c;
    cube_init(&c, 50, 5);
    for (int i = 0; i < 169; i++)
        ASSERT(cube_next(&c, x[i]));
    for (int d = 0; d < 6; d++) {
        bool hit[169] = {0};
        int n = bases[d];
        while (n * bases[d] <= 169)
            n *= bases[d];
        for (int i = 0; i < n; i++) {
            int at = (int)(x[i][d] * n + 1e-9);
            ASSERT(!hit[at]);
            hit[at] = true;
        }
    }
    cube_done(&c);
}

/* Warnock's formula for the square of the L2-star discrepancy. */
static double discrepancy(const double *x, int n, int dims)
{
    double first = pow(3, -dims), second = 0, third = 0;
    for (int i = 0; i < n; i++) {
        double product = 1;
        for (int d = 0; d < dims; d++)
            product *= (1 - x[i * dims + d] * x[i * dims + d]) / 2;
        second += product;
        for (int j = 0; j < n; j++) {
            double pair = 1;
            for (int d = 0; d < dims; d++)
                pair *= 1 - fmax(x[i * dims + d], x[j * dims + d]);
            third += pair;
        }
    }
    return sqrt(first - 2 * second / n + third / n / n);
}

static void check_discrepancy(size_t dims, size_t looked_at, double factor)
{
    enum { N = 128, SEEDS = 20 };
    static double sequence[N * 6], random[N * 6];
    double sum_sequence = 0, sum_random = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double point[64];
        struct cube c;
        struct rng r;
        cube_init(&c, dims, seed);
        rng_init(&r, seed, 0, RNG_TEST);
        for (size_t i = 0; i < N; i++) {
            ASSERT(cube_next(&c, point));
            for (size_t d = 0; d < looked_at; d++) {
                sequence[i * looked_at + d] = point[d];
                random[i * looked_at + d] = rng_unit(&r);
            }
        }
        sum_sequence += discrepancy(sequence, N, (int)looked_at);
        sum_random += discrepancy(random, N, (int)looked_at);
        cube_done(&c);
    }
    if (!(sum_sequence < factor * sum_random))
        FAIL("%zu dimensions: %g against random's %g", dims, sum_sequence, sum_random);
}

TEST(discrepancy_is_below_randoms)
{
    check_discrepancy(2, 2, 0.25);
    check_discrepancy(6, 6, 0.8);
    check_discrepancy(64, 3, 0.4); /* Halton */
}

/* Every coordinate of every scrambling is uniform: the mean over seeds of one point's coordinate.
 */
TEST(each_point_is_uniform)
{
    enum { SEEDS = 3000 };
    static const size_t dims[] = {3, 45};
    for (size_t k = 0; k < 2; k++) {
        int count[3][8] = {0};
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            double point[64];
            struct cube c;
            cube_init(&c, dims[k], seed);
            cube_skip_past(&c, 4);
            ASSERT(cube_next(&c, point));
            for (int d = 0; d < 3; d++)
                count[d][(int)(point[d] * 8)]++;
            cube_done(&c);
        }
        for (int d = 0; d < 3; d++) {
            double chi2 = 0;
            for (int i = 0; i < 8; i++)
                chi2 += pow(count[d][i] - SEEDS / 8.0, 2) / (SEEDS / 8.0);
            if (chi2 > 31) /* 7 degrees of freedom: 6e-5 */
                FAIL("dimension %d of %zu: chi-square %g", d, dims[k], chi2);
        }
    }
}

/* What makes Owen's scrambling more than a shift: whether the second bit is flipped depends on the
 * first. Points 0 and 1 of the sequence are 0.00… and 0.10… in binary. */
TEST(scrambling_is_nested)
{
    enum { SEEDS = 2000 };
    int alike = 0, first = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        double a, b;
        struct cube c;
        cube_init(&c, 1, seed);
        ASSERT(cube_next(&c, &a) && cube_next(&c, &b));
        first += (a < 0.5) != (b < 0.5);
        alike += ((int)(a * 4) & 1) == ((int)(b * 4) & 1);
        cube_done(&c);
    }
    ASSERT_EQ(first, SEEDS);
    ASSERT(abs(alike - SEEDS / 2) < 4 * sqrt(SEEDS) / 2);
}

TEST(skipping_is_drawing)
{
    static const size_t dims[] = {0, 1, 40, 41, 300};
    for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
        struct cube drawn, skipped;
        static double a[300], b[300];
        cube_init(&drawn, dims[k], 8);
        cube_init(&skipped, dims[k], 8);
        for (int i = 0; i <= 100; i++)
            ASSERT(cube_next(&drawn, a));
        cube_skip_past(&skipped, 99);
        ASSERT(cube_next(&skipped, b));
        ASSERT(memcmp(a, b, dims[k] * sizeof *a) == 0);
        cube_done(&drawn);
        cube_done(&skipped);
    }
}

TEST(sobol_of_a_finite_space_ends)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_SOBOL);
    static const double skewed[] = {0.999999, 0.000001};
    spaces_values(&s, "a", spaces_letters(&s, "xy"), skewed);
    spaces_ints(&s, "b", 0, 9);
    struct err err = {0};
    struct strategy *strategy;
    ASSERT_EQ(strategy_new(&s.spec, 1, &strategy, &err), 0);
    ASSERT_EQ(strategy_total(strategy), 20);
    bool seen[2][10] = {0};
    struct proposal p;
    for (int i = 0; i < 20; i++) {
        ASSERT_EQ(strategy_propose(strategy, &s.arena, &p, &err), 0);
        bool *point =
            &seen[value_get_str(p.params, "a", "")[0] - 'x'][value_get_int(p.params, "b", 0)];
        ASSERT(!*point);
        *point = true;
    }
    ASSERT_EQ(strategy_propose(strategy, &s.arena, &p, &err), ERR_EXHAUSTED);
    strategy_free(strategy);
    spaces_done(&s);
}
