/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number/rng.h"
#include "tests/test.h"

static void sample_add(struct curve *c, uint32_t attempt, int64_t step, double y)
{
    curve_add(c, &(struct curve_sample){.attempt = attempt, .step = step, .y = y, .has_y = true});
}

static struct curve curve_made(size_t n, uint64_t seed)
{
    struct curve c = {0};
    struct rng rng;
    rng_init(&rng, seed, 0, RNG_TEST);
    double y = 0;
    int64_t step = 0;
    for (size_t i = 0; i < n; i++) {
        y += rng_unit(&rng) - 0.5;
        step += 1 + (int64_t)(rng_unit(&rng) * 5);
        sample_add(&c, 1, step, i % 97 == 13 ? NAN : y);
    }
    curve_end(&c);
    curve_order(&c);
    return c;
}

/* By the definition, in one line a sample: sum of w^distance * y over sum of w^distance. */
static double smooth_at(const struct curve *c, double weight, size_t at)
{
    double mean = (c->items[c->n - 1].x - c->items[0].x) / (double)(c->n - 1), sum = 0, all = 0;
    for (size_t i = 0; i <= at; i++) {
        if (!isfinite(c->items[i].y))
            continue;
        double w = pow(weight, (c->items[at].x - c->items[i].x) / mean);
        sum += w * c->items[i].y;
        all += w;
    }
    return sum / all;
}

TEST(curve_smooth_is_a_debiased_average_weighted_by_distance)
{
    struct curve c = curve_made(500, 7);
    double *ys = mem_alloc(c.n * sizeof *ys);
    curve_smooth(&c, 0.9, ys);
    for (size_t i = 0; i < c.n; i++)
        if (isfinite(c.items[i].y))
            ASSERT(fabs(ys[i] - smooth_at(&c, 0.9, i)) < 1e-9);
        else
            ASSERT(isnan(ys[i]));
    mem_free(ys);
    curve_done(&c);
}

/* The same points come of the full series' average, whatever is thinned after it. */
TEST(curve_thin_of_the_smoothed_is_the_smoothed_of_all)
{
    struct curve c = curve_made(5000, 8);
    double *ys = mem_alloc(c.n * sizeof *ys);
    size_t at[512], of;
    curve_smooth(&c, 0.99, ys);
    const struct curve_range range = {.from = NAN, .to = NAN, .points = 500};
    size_t n = curve_thin(&c, ys, &range, at, &of);
    ASSERT_EQ(of, 5000);
    ASSERT(n > 200 && n <= 500);
    double least = INFINITY, greatest = -INFINITY, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        ASSERT(i == 0 || at[i] > at[i - 1]);
        if (isfinite(ys[at[i]]) && i % 20 == 0)
            ASSERT(fabs(ys[at[i]] - smooth_at(&c, 0.99, at[i])) < 1e-6);
        least = fmin(least, ys[at[i]]);
        greatest = fmax(greatest, ys[at[i]]);
    }
    for (size_t i = 0; i < c.n; i++) {
        low = fmin(low, ys[i]);
        high = fmax(high, ys[i]);
    }
    ASSERT(least == low && greatest == high);
    mem_free(ys);
    curve_done(&c);
}

TEST(curve_thin_in_log_space_keeps_the_beginning)
{
    struct curve c = {0};
    for (int64_t i = 0; i <= 100000; i++)
        sample_add(&c, 1, i, (double)i);
    curve_end(&c);
    size_t at[102], of;
    const struct curve_range range = {.from = NAN, .to = NAN, .points = 100, .log = true};
    size_t n = curve_thin(&c, NULL, &range, at, &of);
    ASSERT_EQ(of, 100000); /* step 0 has no place */
    ASSERT_EQ(at[0], 1);
    size_t early = 0;
    for (size_t i = 0; i < n; i++)
        early += at[i] <= 100;
    ASSERT(early >= n / 4);
    curve_done(&c);
}

TEST(curve_joins_attempts_and_sorts_steps)
{
    struct curve c = {0};
    sample_add(&c, 1, 0, 1);
    sample_add(&c, 1, 2, 3);
    sample_add(&c, 1, 1, 2); /* late */
    sample_add(&c, 1, 2, 4); /* again */
    sample_add(&c, 1, 3, 5);
    sample_add(&c, 2, 3, 50);
    sample_add(&c, 2, 4, 60);
    curve_end(&c);
    ASSERT_EQ(c.n, 5);
    static const double ys[] = {1, 2, 4, 50, 60};
    for (size_t i = 0; i < 5; i++)
        ASSERT(c.items[i].y == ys[i] && c.items[i].x == (double)i);
    ASSERT_EQ(c.items[3].attempt, 2);
    curve_done(&c);
}

TEST(curve_columns_of_as_many_steps_are_the_steps)
{
    for (int64_t n = 1; n <= 200; n++) {
        struct curve c = {0};
        double row[200];
        for (int64_t i = 0; i < n; i++)
            sample_add(&c, 1, 7 + i, (double)i);
        curve_end(&c);
        const struct curve_range range = {.from = 7, .to = (double)(6 + n)};
        curve_columns(&c, &range, (size_t)n, row);
        for (int64_t i = 0; i < n; i++)
            ASSERT(row[i] == (double)i &&
                   curve_column_x(&range, (size_t)i, (size_t)n) == (double)(7 + i));
        curve_done(&c);
    }
    const struct curve_range log = {.from = 0.1, .to = 1000, .log = true};
    ASSERT(curve_column_x(&log, 0, 5) == 0.1 && curve_column_x(&log, 4, 5) == 1000);
    ASSERT(fabs(curve_column_x(&log, 2, 5) - 10) < 1e-9);
}

TEST(curve_columns_end_with_the_curve)
{
    struct curve c = {0};
    double row[5], q[CURVE_QUANTILES], values[] = {5, NAN, 1, 3, 2, 4};
    for (int64_t i = 1; i < 4; i++)
        sample_add(&c, 1, i * 10, (double)i);
    curve_end(&c);
    const struct curve_range range = {.from = 0, .to = 40};
    curve_columns(&c, &range, 5, row);
    ASSERT(isnan(row[0]) && row[1] == 1 && row[2] == 2 && row[3] == 3 && isnan(row[4]));
    ASSERT_EQ(curve_spread(values, 6, q), 5);
    ASSERT(fabs(q[0] - 1.4) < 1e-12 && q[1] == 2 && q[2] == 3 && q[3] == 4);
    ASSERT_EQ(curve_spread(values, 0, q), 0);
    ASSERT(isnan(q[2]));
    curve_done(&c);
}
