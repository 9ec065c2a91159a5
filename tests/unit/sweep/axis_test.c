/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/axis.h"

#include "base/number/rng.h"
#include "tests/spaces.h"

static void add_finite_kinds(struct spaces_spec *s)
{
    static const double chances[] = {0, 0.25, 0.25, 0.5, 0};
    spaces_values(s, "plain", spaces_letters(s, "abca"), NULL);
    spaces_values(s, "weighted", spaces_letters(s, "avbav"), chances);
    spaces_ints(s, "ints", -4, 9);
    struct parameter kinds[] = {
        {.kind = SPACE_INT_UNIFORM, .int_min = -6, .int_max = 15, .int_step = 3},
        {.kind = SPACE_INT_UNIFORM, .int_min = 16, .int_max = 128, .int_step = 16},
        {.kind = SPACE_Q_UNIFORM, .min = 0.3, .max = 2, .q = 0.25},
        {.kind = SPACE_Q_UNIFORM, .min = 0.2, .max = 0.8, .q = 0.3, .from_min = true},
        {.kind = SPACE_INT_UNIFORM, .int_min = -7, .int_max = 8, .int_step = 3},
        {.kind = SPACE_Q_UNIFORM, .min = 0.5, .max = 6.5, .q = 1, .q_int = true},
        {.kind = SPACE_Q_UNIFORM, .min = -1, .max = 1, .q = 0.1},
        {.kind = SPACE_Q_LOG_UNIFORM, .min = 0, .max = 4, .q = 3, .q_int = true},
        {.kind = SPACE_Q_LOG_UNIFORM_VALUES, .min = 0.01, .max = 3, .q = 0.2},
        {.kind = SPACE_Q_BETA, .a = 2, .b = 0.7, .q = 0.125},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        spaces_add(s, (char[]){'q', (char)('0' + i), '\0'}, kinds[i]);
}

/* A digit is the value that the quantile function gives, there and back. */
TEST(digits_match_the_values_of_quantiles)
{
    struct spaces_spec s;
    struct rng r;
    spaces_init(&s, SPEC_RANDOM);
    add_finite_kinds(&s);
    rng_init(&r, 4, 0, RNG_TEST);
    for (size_t i = 0; i < s.spec.space.n; i++) {
        struct axis x;
        axis_init(&x, &s.parameters[i]);
        for (int draw = 0; draw < 2000; draw++) {
            double u = rng_unit(&r) + 0x1p-54;
            uint64_t digit = axis_digit(&x, u), found;
            ASSERT(digit < x.n);
            struct value *v = space_ppf(&s.arena, x.p, u);
            struct value *back = axis_value(&s.arena, &x, digit);
            if (v->kind == VALUE_FLOAT && v->f == 0)
                v->f = 0; /* rounding up to zero leaves -0.0, which no digit has */
            ASSERT(spaces_identical(back, v));
            ASSERT(axis_find(&x, v, &found));
            ASSERT_EQ(found, digit);
        }
        axis_done(&x);
    }
    spaces_done(&s);
}

/* The weights sum to 1 and are the frequencies: each within 5 deviations. */
TEST(weights_are_the_chances)
{
    enum { DRAWS = 20000 };
    struct spaces_spec s;
    struct rng r;
    spaces_init(&s, SPEC_RANDOM);
    add_finite_kinds(&s);
    rng_init(&r, 5, 0, RNG_TEST);
    for (size_t i = 0; i < s.spec.space.n; i++) {
        struct axis x;
        int count[64] = {0};
        double sum = 0;
        axis_init(&x, &s.parameters[i]);
        ASSERT(x.n <= 64);
        for (int draw = 0; draw < DRAWS; draw++)
            count[axis_digit(&x, rng_unit(&r) + 0x1p-54)]++;
        for (uint64_t digit = 0; digit < x.n; digit++) {
            double w = axis_weight(&x, digit);
            sum += w;
            ASSERT(w > 0);
            if (fabs(count[digit] - w * DRAWS) > 5 * sqrt(w * (1 - w) * DRAWS))
                FAIL("%s digit %d: %d of %d, chance %g", x.p->name, (int)digit, count[digit], DRAWS,
                     w);
        }
        ASSERT_NEAR(sum, 1.0, 1e-9);
        axis_done(&x);
    }
    spaces_done(&s);
}

TEST(unknown_values_are_not_found)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    add_finite_kinds(&s);
    struct value *wrong[] = {value_str(&s.arena, "z"),       value_null(&s.arena),
                             value_int(&s.arena, INT64_MIN), value_float(&s.arena, NAN),
                             value_float(&s.arena, -1e300),  value_list(&s.arena)};
    for (size_t i = 0; i < s.spec.space.n; i++) {
        struct axis x;
        uint64_t digit;
        axis_init(&x, &s.parameters[i]);
        for (size_t j = 0; j < sizeof wrong / sizeof *wrong; j++)
            ASSERT(!axis_find(&x, wrong[j], &digit));
        axis_done(&x);
    }
    /* Of the weighted letters, v at first has no chance, but it has one further on. */
    struct axis x;
    axis_init(&x, &s.parameters[1]);
    ASSERT_EQ(x.n, 3);
    axis_done(&x);
    spaces_done(&s);
}
