/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"
#include "tests/spaces.h"

static const double CHANCES[] = {0.7, 0.2, 0.1};

static struct strategy *start(const struct spaces_spec *s, uint64_t seed)
{
    struct err err = {0};
    struct strategy *strategy;
    if (strategy_new(&s->spec, seed, &strategy, &err) != 0)
        FAIL("%s", err.text);
    return strategy;
}

static void next(struct spaces_spec *s, struct strategy *r, struct proposal *p)
{
    struct err err = {0};
    if (strategy_propose(r, &s->arena, p, &err) != 0)
        FAIL("%s", err.text);
}

/* The largest distance of the empirical distribution of u from that of U(0,1), times sqrt(n). */
static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double kolmogorov(double *u, int n)
{
    qsort(u, (size_t)n, sizeof *u, compare);
    double worst = 0;
    for (int i = 0; i < n; i++)
        worst = fmax(worst, fmax(u[i] - (double)i / n, (double)(i + 1) / n - u[i]));
    return worst * sqrt(n);
}

/* sqrt(n) D exceeds 2.0 with probability 7e-4. */
TEST(random_follows_its_distributions)
{
    enum { DRAWS = 4000 };
    static double uniform[DRAWS], log_uniform[DRAWS], normal[DRAWS];
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    spaces_range(&s, "a", SPACE_UNIFORM, 2, 5);
    spaces_range(&s, "b", SPACE_LOG_UNIFORM_VALUES, 1e-5, 1e-1);
    struct parameter gauss = {.kind = SPACE_NORMAL, .mu = 1, .sigma = 2};
    spaces_add(&s, "c", gauss);
    spaces_ints(&s, "d", 0, 9);
    spaces_values(&s, "e", spaces_letters(&s, "xyz"), CHANCES);
    struct strategy *r = start(&s, 12);
    ASSERT_EQ(strategy_total(r), 0);
    int ints[10] = {0}, letters[3] = {0};
    double product = 0;
    for (int i = 0; i < DRAWS; i++) {
        struct proposal p;
        next(&s, r, &p);
        uniform[i] = (value_get_float(p.params, "a", 0) - 2) / 3;
        log_uniform[i] = (log10(value_get_float(p.params, "b", 0)) + 5) / 4;
        normal[i] = erfc((1 - value_get_float(p.params, "c", 0)) / 2 / sqrt(2)) / 2;
        product += (uniform[i] - 0.5) * (normal[i] - 0.5);
        ints[value_get_int(p.params, "d", 0)]++;
        letters[value_get_str(p.params, "e", "")[0] - 'x']++;
    }
    ASSERT(kolmogorov(uniform, DRAWS) < 2.0);
    ASSERT(kolmogorov(log_uniform, DRAWS) < 2.0);
    ASSERT(kolmogorov(normal, DRAWS) < 2.0);
    /* Independent coordinates: the mean of the products has deviation 1/12/sqrt(n). */
    ASSERT(fabs(product / DRAWS) < 4 / 12.0 / sqrt(DRAWS));
    double chi2 = 0;
    for (int i = 0; i < 10; i++)
        chi2 += pow(ints[i] - DRAWS / 10.0, 2) / (DRAWS / 10.0);
    ASSERT(chi2 < 33.7); /* 9 degrees of freedom: 1e-4 */
    chi2 = 0;
    for (int i = 0; i < 3; i++)
        chi2 += pow(letters[i] - DRAWS * CHANCES[i], 2) / (DRAWS * CHANCES[i]);
    ASSERT(chi2 < 18.4); /* 2 degrees of freedom: 1e-4 */
    strategy_free(r);
    spaces_done(&s);
}

TEST(random_without_repeats_ends_at_the_last_point)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    static const double skewed[] = {0.999999, 0.0000005, 0.0000005};
    spaces_values(&s, "a", spaces_letters(&s, "xyz"), skewed);
    spaces_ints(&s, "b.c", 1, 20);
    struct parameter q = {.kind = SPACE_Q_UNIFORM, .min = 0.5, .max = 5, .q = 1, .q_int = true};
    spaces_add(&s, "d", q);
    struct strategy *r = start(&s, 3);
    ASSERT_EQ(strategy_total(r), 3 * 20 * 5);
    bool seen[3][21][6] = {0};
    struct proposal p;
    struct err err = {0};
    for (int i = 0; i < 300; i++) {
        next(&s, r, &p);
        bool *point =
            &seen[value_get_str(p.params, "a", "")[0] - 'x']
                 [value_get_int(value_get(p.params, "b"), "c", 0)][value_get_int(p.params, "d", 0)];
        ASSERT(!*point);
        *point = true;
    }
    ASSERT_EQ(strategy_propose(r, &s.arena, &p, &err), ERR_EXHAUSTED);
    strategy_free(r);
    spaces_done(&s);
}

/* More points than are weighed one by one; the last ones are found by a walk. */
TEST(random_exhausts_a_big_space)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    const int64_t n = (1 << 20) + 3;
    spaces_ints(&s, "a", 1, n);
    struct strategy *r = start(&s, 3);
    static bool seen[(1 << 20) + 4];
    struct arena scratch;
    arena_init(&scratch);
    struct value *params = value_dict(&scratch);
    struct value *number = value_int(&scratch, 0);
    value_put(&scratch, params, "a", number);
    /* All but a few are replayed, which costs less than drawing them. */
    for (int64_t i = 1; i <= n; i++)
        if (i % 100000 != 7) {
            number->i = i;
            strategy_replay(r, (uint64_t)i, params);
        }
    struct proposal p;
    struct err err = {0};
    int left = 0;
    for (int rc; (rc = strategy_propose(r, &s.arena, &p, &err)) != ERR_EXHAUSTED; left++) {
        ASSERT_EQ(rc, 0);
        int64_t got = value_get_int(p.params, "a", 0);
        ASSERT_EQ(got % 100000, 7);
        ASSERT(!seen[got]);
        seen[got] = true;
    }
    ASSERT_EQ(left, 11);
    arena_done(&scratch);
    strategy_free(r);
    spaces_done(&s);
}

/* Drawing without putting back: P(second = y | weights .7 .2 .1) and so on for the 6 orders. */
TEST(random_without_repeats_keeps_the_distribution)
{
    enum { SEEDS = 6000 };
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    spaces_values(&s, "a", spaces_letters(&s, "xyz"), CHANCES);
    int count[3][3] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct strategy *r = start(&s, seed);
        struct proposal p;
        next(&s, r, &p);
        int first = value_get_str(p.params, "a", "")[0] - 'x';
        next(&s, r, &p);
        count[first][value_get_str(p.params, "a", "")[0] - 'x']++;
        strategy_free(r);
    }
    double chi2 = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double want = i == j ? 0 : SEEDS * CHANCES[i] * CHANCES[j] / (1 - CHANCES[i]);
            ASSERT(i != j || count[i][j] == 0);
            if (i != j)
                chi2 += pow(count[i][j] - want, 2) / want;
        }
    if (chi2 > 25.7) /* 5 degrees of freedom: 1e-4 */
        FAIL("chi-square %g", chi2);
    spaces_done(&s);
}

/* The same where only choosing among what is left can have found the second point. */
TEST(choosing_among_the_rest_keeps_the_distribution)
{
    enum { SEEDS = 6000 };
    static const double rare[] = {1 - 4e-7, 3e-7, 1e-7};
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    spaces_values(&s, "a", spaces_letters(&s, "xyz"), rare);
    int y = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct strategy *r = start(&s, seed);
        struct proposal p;
        next(&s, r, &p);
        ASSERT_STR(value_get_str(p.params, "a", ""), "x");
        next(&s, r, &p);
        y += value_get_str(p.params, "a", "")[0] == 'y';
        strategy_free(r);
    }
    ASSERT(abs(y - SEEDS * 3 / 4) < 4 * sqrt(SEEDS * 3.0 / 16));
    spaces_done(&s);
}

TEST(random_may_repeat_where_told)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    spaces_ints(&s, "a", 1, 2);
    s.spec.unique = SPEC_UNIQUE_NO;
    struct strategy *r = start(&s, 3);
    ASSERT_EQ(strategy_total(r), 0);
    struct proposal p;
    for (int i = 0; i < 100; i++)
        next(&s, r, &p);
    strategy_free(r);
    spaces_done(&s);
}

TEST(random_unique_gives_up_where_nothing_is_left)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    struct parameter q = {.kind = SPACE_Q_NORMAL, .sigma = 0.01, .q = 1, .q_int = true};
    spaces_add(&s, "a", q);
    s.spec.unique = SPEC_UNIQUE_YES;
    struct strategy *r = start(&s, 3);
    struct proposal p;
    struct err err = {0};
    next(&s, r, &p);
    ASSERT_EQ(value_get_int(p.params, "a", 9), 0);
    ASSERT_EQ(strategy_propose(r, &s.arena, &p, &err), ERR_EMPTY);
    ASSERT(strstr(err.text, "unique"));
    strategy_free(r);
    spaces_done(&s);
}

TEST(a_space_of_constants_has_one_point)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    struct parameter constant = {.kind = SPACE_CONSTANT, .value = value_int(&s.arena, 4)};
    spaces_add(&s, "a", constant);
    struct strategy *r = start(&s, 3);
    ASSERT_EQ(strategy_total(r), 1);
    struct proposal p;
    struct err err = {0};
    next(&s, r, &p);
    ASSERT_EQ(value_get_int(p.params, "a", 0), 4);
    ASSERT_EQ(strategy_propose(r, &s.arena, &p, &err), ERR_EXHAUSTED);
    strategy_free(r);
    spaces_done(&s);
}
