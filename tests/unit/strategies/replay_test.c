/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"
#include "tests/spaces.h"
#include "language/spec_read.h"

enum { PROPOSALS = 40 };

struct run {
    struct proposal made[PROPOSALS];
    int n;
    int end; /* how it ended, where it did before PROPOSALS */
};

static void go_on(struct arena *a, struct strategy *strategy, struct run *run)
{
    struct err err = {0};
    while (run->n < PROPOSALS && run->end == 0) {
        run->end = strategy_propose(strategy, a, &run->made[run->n], &err);
        run->n += run->end == 0;
    }
}

/* Stops a strategy after each of its proposals and replays them to a new one, which must continue
 * with the same proposals. */
static void check_resume_of(const struct spec *spec, struct arena *a)
{
    struct err err = {0};
    struct strategy *strategy;
    struct run whole = {.n = 0};
    ASSERT_EQ(strategy_new(spec, 99, &strategy, &err), 0);
    go_on(a, strategy, &whole);
    strategy_free(strategy);
    ASSERT(whole.n > 0);
    for (int cut = 0; cut <= whole.n; cut++) {
        struct run again = {.n = cut};
        ASSERT_EQ(strategy_new(spec, 99, &strategy, &err), 0);
        for (int i = 0; i < cut; i++)
            strategy_replay(strategy, whole.made[i].cursor, whole.made[i].params);
        go_on(a, strategy, &again);
        ASSERT_EQ(again.n, whole.n);
        ASSERT_EQ(again.end, whole.end);
        for (int i = cut; i < whole.n; i++) {
            ASSERT_EQ(again.made[i].cursor, whole.made[i].cursor);
            ASSERT(value_same(again.made[i].params, whole.made[i].params));
            ASSERT(value_same(again.made[i].why, whole.made[i].why));
        }
        strategy_free(strategy);
    }
}

static void check_resume(struct spaces_spec *s)
{
    check_resume_of(&s->spec, &s->arena);
}

static void finite_space(struct spaces_spec *s, enum spec_method method)
{
    static const double skewed[] = {0.99999, 0.00001};
    spaces_init(s, method);
    spaces_ints(s, "a", 1, 3);
    spaces_values(s, "b.c", spaces_letters(s, "xyx"), NULL);
    if (method == SPEC_GRID)
        spaces_values(s, "d", spaces_letters(s, "pq"), NULL);
    else
        spaces_values(s, "d", spaces_letters(s, "pq"), skewed);
    struct parameter q = {.kind = SPACE_Q_UNIFORM, .max = 1, .q = 0.5};
    spaces_add(s, "e", q);
}

static void continuous_space(struct spaces_spec *s, enum spec_method method)
{
    spaces_init(s, method);
    spaces_range(s, "a", SPACE_LOG_UNIFORM, -3, 3);
    spaces_ints(s, "b.c", 1, 3);
    struct parameter beta = {.kind = SPACE_BETA, .a = 2, .b = 3};
    spaces_add(s, "d", beta);
}

TEST(finite_spaces_resume)
{
    static const enum spec_method methods[] = {SPEC_GRID, SPEC_RANDOM, SPEC_SOBOL};
    for (int i = 0; i < 3; i++)
        for (int option = 0; option < 2; option++) {
            struct spaces_spec s;
            finite_space(&s, methods[i]);
            s.spec.order_random = option;
            s.spec.unique = option ? SPEC_UNIQUE_NO : SPEC_UNIQUE_DEFAULT;
            check_resume(&s);
            spaces_done(&s);
        }
}

TEST(continuous_spaces_resume)
{
    for (int i = 0; i < 2; i++)
        for (int unique = 0; unique < 2; unique++) {
            struct spaces_spec s;
            continuous_space(&s, i ? SPEC_SOBOL : SPEC_RANDOM);
            s.spec.unique = unique ? SPEC_UNIQUE_YES : SPEC_UNIQUE_DEFAULT;
            check_resume(&s);
            spaces_done(&s);
        }
}

TEST(a_countable_space_without_repeats_resumes)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_RANDOM);
    struct parameter q = {.kind = SPACE_Q_NORMAL, .sigma = 8, .q = 1, .q_int = true};
    spaces_add(&s, "a", q);
    s.spec.unique = SPEC_UNIQUE_YES;
    check_resume(&s);
    spaces_done(&s);
}

TEST(halton_resumes)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_SOBOL);
    for (int i = 10; i < 60; i++) {
        char name[8];
        snprintf(name, sizeof name, "x%d", i);
        spaces_range(&s, name, SPACE_UNIFORM, 0, 1);
    }
    check_resume(&s);
    spaces_done(&s);
}

/* Endless, finite, and finite but too tied to be counted; some draws are refused in each. */
TEST(conditional_spaces_resume)
{
    static const char *const heads[] = {"method: grid\n",
                                        "method: grid\norder: random\n",
                                        "method: random\n",
                                        "method: sobol\n",
                                        "method: random\nunique: false\n",
                                        "method: random\nunique: true\n",
                                        "method: sobol\nunique: true\n"};
    static const char *const spaces[] = {
        "forbid: [a * b > 12, c == 'q' and d + a > 5]\nparameters:\n"
        "  {a: {min: 1, max: 6}, b: {min: 1, max: 4, when: {c: [q, r]}}, c: {values: [p, q, r]},\n"
        "   d: {values: [1, 2, 3], when: a > 2}, e: {expr: a / (a - 4)}}\n",
        "forbid: [x * y > 0.3]\nparameters:\n"
        "  {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0, when: {z: [1, 3]}},\n"
        "   z: {min: 1, max: 3}, w: {expr: 'log(x - 0.1)'}}\n",
        "forbid: [(a + b * c) % 3 == 1]\nparameters:\n"
        "  {a: {min: 0, max: 999999}, b: {min: 0, max: 9}, c: {min: 0, max: 999}}\n"};
    for (size_t space = 0; space < sizeof spaces / sizeof *spaces; space++)
        for (size_t head = space == 0 ? 0 : 2; head < sizeof heads / sizeof *heads; head++) {
            struct arena a;
            struct diags d;
            arena_init(&a);
            diags_init(&d, &a, "replay");
            const char *text = arena_printf(&a, "%sprogram: t.py\n%s", heads[head], spaces[space]);
            struct spec *spec = spec_read(text, strlen(text), &d);
            if (!spec)
                FAIL("%s\n%s", text, d.items[0].message);
            check_resume_of(spec, &a);
            spec_free(spec);
            arena_done(&a);
        }
}
