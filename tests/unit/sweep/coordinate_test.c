/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/coordinate.h"

#include "base/number/rng.h"
#include "tests/spaces.h"

static void add_kinds(struct spaces_spec *s)
{
    static const double chances[] = {0, 0.25, 0.25, 0.5, 0};
    static const struct parameter kinds[] = {
        {.kind = SPACE_UNIFORM, .min = -3, .max = 0.5},
        {.kind = SPACE_LOG_UNIFORM, .min = -7, .max = -1},
        {.kind = SPACE_INV_LOG_UNIFORM, .min = -7, .max = -1},
        {.kind = SPACE_LOG_UNIFORM_VALUES, .min = 1e-5, .max = 0.1},
        {.kind = SPACE_INV_LOG_UNIFORM_VALUES, .min = 1e-5, .max = 0.1},
        {.kind = SPACE_NORMAL, .mu = -2, .sigma = 0.5},
        {.kind = SPACE_LOG_NORMAL, .mu = 0.25, .sigma = 1.5},
        {.kind = SPACE_BETA, .a = 0.5, .b = 3},
        {.kind = SPACE_INT_UNIFORM, .int_min = -4, .int_max = 9},
        {.kind = SPACE_INT_UNIFORM, .int_min = 16, .int_max = 128, .int_step = 16},
        {.kind = SPACE_INT_UNIFORM, .int_min = INT64_MIN / 4, .int_max = INT64_MAX / 4},
        {.kind = SPACE_Q_UNIFORM, .min = 0.3, .max = 2, .q = 0.25},
        {.kind = SPACE_Q_UNIFORM, .min = 0.2, .max = 0.8, .q = 0.3, .from_min = true},
        {.kind = SPACE_INT_UNIFORM, .int_min = -7, .int_max = 8, .int_step = 3},
        {.kind = SPACE_Q_UNIFORM, .min = 0.5, .max = 6.5, .q = 1, .q_int = true},
        {.kind = SPACE_Q_LOG_UNIFORM, .min = 0, .max = 6, .q = 5},
        {.kind = SPACE_Q_LOG_UNIFORM_VALUES, .min = 0.01, .max = 4, .q = 0.05},
        {.kind = SPACE_Q_NORMAL, .mu = 1, .sigma = 3, .q = 0.5},
        {.kind = SPACE_Q_LOG_NORMAL, .mu = 1, .sigma = 1, .q = 0.25},
        {.kind = SPACE_Q_BETA, .a = 2, .b = 2, .q = 0.125},
    };
    spaces_values(s, "plain", spaces_letters(s, "abca"), NULL);
    spaces_values(s, "weighted", spaces_letters(s, "avbav"), chances);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        spaces_add(s, (char[]){'k', (char)('a' + i), '\0'}, kinds[i]);
}

static bool is_continuous(const struct parameter *p)
{
    return p->kind != SPACE_INT_UNIFORM && !space_is_quantised(p) && !p->values;
}

/* The coordinate of a value gives the value again, and is the quantile that it was drawn at where
 * no other gives it. */
static void check_point(struct spaces_spec *s, const struct coordinates *c, const double *us)
{
    struct value *values[64];
    double at[64];
    for (size_t i = 0; i < s->spec.space.n; i++)
        values[i] = space_ppf(&s->arena, &s->parameters[i], us[i]);
    coordinates_of(c, space_nest(&s->arena, &s->spec.space, values), at);
    for (size_t i = 0; i < s->spec.space.n; i++) {
        const struct parameter *p = &s->parameters[i];
        if (!(at[i] >= 0 && at[i] <= 1))
            FAIL("%s at %g: %g", p->name, us[i], at[i]);
        struct value *again = space_ppf(&s->arena, p, at[i]);
        if (is_continuous(p)) {
            if (fabs(at[i] - us[i]) > 1e-9)
                FAIL("%s at %.17g: %.17g", p->name, us[i], at[i]);
        } else if (p->kind == SPACE_INT_UNIFORM && p->int_max > 1000) {
            ASSERT(fabs(at[i] - us[i]) < 1e-12);
        } else if (!value_same(again, values[i])) {
            FAIL("%s at %.17g: at %.17g it is another", p->name, us[i], at[i]);
        }
    }
}

TEST(coordinates_are_the_inverse_of_drawing)
{
    struct spaces_spec s;
    struct coordinates c;
    struct rng r;
    spaces_init(&s, SPEC_RANDOM);
    add_kinds(&s);
    coordinates_init(&c, &s.spec.space);
    ASSERT_EQ(c.n, s.spec.space.n);
    rng_init(&r, 8, 0, RNG_TEST);
    for (int draw = 0; draw < 2000; draw++) {
        double us[64];
        for (size_t i = 0; i < s.spec.space.n; i++)
            us[i] = rng_unit(&r) * 0.9999 + 0.00005;
        check_point(&s, &c, us);
    }
    coordinates_done(&c);
    spaces_done(&s);
}

TEST(coordinates_leave_out_what_has_no_choice)
{
    struct spaces_spec s;
    struct coordinates c;
    spaces_init(&s, SPEC_RANDOM);
    spaces_add(&s, "a",
               (struct parameter){.kind = SPACE_CONSTANT, .value = value_int(&s.arena, 3)});
    spaces_ints(&s, "b", 0, 3);
    spaces_add(&s, "c", (struct parameter){.kind = SPACE_EXPR});
    spaces_values(&s, "d", spaces_letters(&s, "xx"), NULL);
    spaces_range(&s, "e.f", SPACE_UNIFORM, 0, 2);
    coordinates_init(&c, &s.spec.space);
    ASSERT_EQ(c.n, 2);
    double at[2];
    struct value *params = value_dict(&s.arena), *group = value_dict(&s.arena);
    value_put(&s.arena, params, "b", value_int(&s.arena, 1));
    value_put(&s.arena, params, "e", group);
    coordinates_of(&c, params, at);
    ASSERT(at[0] == 0.375 && isnan(at[1]));                  /* e.f does not exist there */
    value_put(&s.arena, group, "f", value_int(&s.arena, 1)); /* 1.0, as the store gives it back */
    value_put(&s.arena, params, "b", value_str(&s.arena, "z"));
    coordinates_of(&c, params, at);
    ASSERT(isnan(at[0]) && at[1] == 0.5);
    coordinates_done(&c);
    spaces_done(&s);
}

TEST(the_chances_of_the_levels_are_those_of_drawing)
{
    enum { DRAWS = 4000 };
    struct spaces_spec s;
    struct coordinates c;
    spaces_init(&s, SPEC_RANDOM);
    add_kinds(&s);
    coordinates_init(&c, &s.spec.space);
    for (size_t i = 0; i < c.n; i++) {
        uint64_t levels = coordinate_levels(&c.items[i]);
        if (levels == 0 || levels > 20)
            continue;
        double sum = 0;
        for (uint64_t l = 0; l < levels; l++) {
            double chance = coordinate_chance(&c.items[i], l),
                   place = coordinate_place(&c.items[i], l);
            int drawn = 0;
            for (int k = 0; k < DRAWS; k++)
                drawn += fabs(coordinate_snap(&c.items[i], (k + 0.5) / DRAWS) - place) < 1e-9;
            if (fabs(chance - drawn / (double)DRAWS) > 2.0 / DRAWS)
                FAIL("%s, level %d: %g, %d draws", c.items[i].p->name, (int)l, chance, drawn);
            sum += chance;
        }
        ASSERT_NEAR(sum, 1, 1e-9);
    }
    coordinates_done(&c);
    spaces_done(&s);
}

TEST(a_range_has_the_quantiles_of_one_value)
{
    struct spaces_spec s;
    struct coordinates c;
    spaces_init(&s, SPEC_RANDOM);
    add_kinds(&s);
    coordinates_init(&c, &s.spec.space);
    for (size_t i = 0; i < c.n; i++) {
        const struct coordinate *x = &c.items[i];
        uint64_t levels = coordinate_levels(x);
        if (levels == 0 || levels > 1000 || x->p->values)
            continue;
        for (int k = 1; k < 40; k++) {
            double low, high, place = coordinate_snap(x, k / 40.0);
            coordinate_range(x, k / 40.0, &low, &high);
            double inside = (high - low) * 1e-6;
            ASSERT_NEAR((low + high) / 2, place, 1e-9);
            ASSERT_NEAR(coordinate_snap(x, low + inside), place, 1e-9);
            ASSERT_NEAR(coordinate_snap(x, high - inside), place, 1e-9);
            ASSERT(low <= inside || coordinate_snap(x, low - inside) < place);
            ASSERT(high >= 1 - inside || coordinate_snap(x, high + inside) > place);
        }
    }
    coordinates_done(&c);
    spaces_done(&s);
}
