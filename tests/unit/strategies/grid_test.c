/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/strategy.h"
#include "base/json.h"
#include "tests/spaces.h"

/* 3 * 1 * 4 * 2 points, nested, one value listed twice. */
static void small_grid(struct spaces_spec *s)
{
    spaces_init(s, SPEC_GRID);
    spaces_values(s, "a", spaces_letters(s, "xyxz"), NULL);
    struct parameter constant = {.kind = SPACE_CONSTANT, .value = value_null(&s->arena)};
    spaces_add(s, "b", constant);
    spaces_ints(s, "c.d", -1, 2);
    struct parameter q = {.kind = SPACE_Q_UNIFORM, .min = 0, .max = 1, .q = 0.5};
    spaces_add(s, "e", q);
}

static struct strategy *start(const struct spaces_spec *s, uint64_t seed)
{
    struct err err = {0};
    struct strategy *strategy;
    if (strategy_new(&s->spec, seed, &strategy, &err) != 0)
        FAIL("%s", err.text);
    return strategy;
}

static int64_t index_of(const struct proposal *p)
{
    return value_get_int(p->why, "index", -1);
}

TEST(grid_walks_in_wandbs_order)
{
    struct spaces_spec s;
    small_grid(&s);
    struct strategy *g = start(&s, 0);
    ASSERT_EQ(strategy_total(g), 24);
    struct proposal p;
    struct err err = {0};
    for (int i = 0; i < 24; i++) {
        ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), 0);
        ASSERT_EQ(p.cursor, i);
        ASSERT_EQ(index_of(&p), i);
        const char letter[] = {"xyz"[i / 8], '\0'};
        ASSERT_STR(value_get_str(p.params, "a", NULL), letter);
        ASSERT_EQ(value_get(p.params, "b")->kind, VALUE_NULL);
        ASSERT_EQ(value_get_int(value_get(p.params, "c"), "d", 99), i / 2 % 4 - 1);
        ASSERT(value_get_float(p.params, "e", 9) == i % 2 * 0.5);
    }
    ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), ERR_EXHAUSTED);
    ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), ERR_EXHAUSTED);
    strategy_free(g);
    spaces_done(&s);
}

TEST(grid_in_random_order_visits_each_point_once)
{
    struct spaces_spec s;
    small_grid(&s);
    s.spec.order_random = true;
    uint64_t first_order = 0, differ = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct strategy *g = start(&s, seed);
        uint64_t visited = 0, order = 0;
        struct proposal p;
        struct err err = {0};
        for (int i = 0; i < 24; i++) {
            ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), 0);
            visited |= UINT64_C(1) << index_of(&p);
            order = order * 31 + (uint64_t)index_of(&p);
        }
        ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), ERR_EXHAUSTED);
        ASSERT_EQ(visited, (1 << 24) - 1);
        first_order = seed == 0 ? order : first_order;
        differ += order != first_order;
        strategy_free(g);
    }
    ASSERT(differ >= 18);
    spaces_done(&s);
}

TEST(grid_of_any_size_costs_nothing)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    for (const char *name = "abc"; *name; name++)
        spaces_ints(&s, (char[]){*name, '\0'}, 0, 9999);
    s.spec.order_random = true;
    struct strategy *g = start(&s, 7);
    ASSERT_EQ(strategy_total(g), 1000000000000);
    strategy_replay(g, 999999999998, NULL);
    struct proposal p;
    struct err err = {0};
    ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), 0);
    ASSERT_EQ(p.cursor, 999999999999);
    ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), ERR_EXHAUSTED);
    strategy_free(g);
    spaces_done(&s);
}

TEST(grid_beyond_64_bits_runs_in_order)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    for (const char *name = "abcdefgh"; *name; name++)
        spaces_ints(&s, (char[]){*name, '\0'}, 0, 999);
    s.spec.run_cap = 2000000;
    struct strategy *g = start(&s, 0);
    ASSERT(strategy_total(g) == UINT64_MAX);
    strategy_replay(g, 1234566, NULL);
    struct proposal p;
    struct err err = {0};
    ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), 0);
    ASSERT_EQ(value_get_int(p.params, "h", -1), 567);
    ASSERT_EQ(value_get_int(p.params, "g", -1), 234);
    ASSERT_EQ(value_get_int(p.params, "f", -1), 1);
    ASSERT_EQ(value_get_int(p.params, "a", -1), 0);
    strategy_free(g);
    s.spec.order_random = true;
    ASSERT_EQ(strategy_new(&s.spec, 0, &g, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "about 10^24 points, too many for `order: random`"));
    spaces_done(&s);
}

TEST(grid_that_never_ends_is_refused)
{
    struct spaces_spec s;
    struct err err = {0};
    struct strategy *g;
    spaces_init(&s, SPEC_GRID);
    spaces_ints(&s, "a", 0, INT64_MAX - 1); /* 2^63 - 1 points */
    strategy_free(start(&s, 0));
    spaces_done(&s);
    spaces_init(&s, SPEC_GRID);
    spaces_ints(&s, "a", 0, INT64_MAX - 1);
    spaces_ints(&s, "b", 1, 2);
    ASSERT_EQ(strategy_new(&s.spec, 0, &g, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "about 10^19 points and would never end"));
    s.spec.run_cap = 1;
    strategy_free(start(&s, 0));
    spaces_done(&s);
}

TEST(grid_refuses_what_has_no_grid)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    spaces_ints(&s, "a", 1, 2);
    spaces_range(&s, "lr", SPACE_UNIFORM, 0, 1);
    struct err err = {0};
    struct strategy *g;
    ASSERT_EQ(strategy_new(&s.spec, 0, &g, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "parameters.lr") && strstr(err.text, "uniform"));
    s.parameters[1] = (struct parameter){.name = "lr", .kind = SPACE_Q_UNIFORM, .min = 3, .q = 1};
    ASSERT_EQ(strategy_new(&s.spec, 0, &g, &err), ERR_SPEC);
    spaces_done(&s);
}

/* As W&B's service hands them out: 1e5 is 100000 for a script's type=int. */
TEST(grid_proposes_whole_floats_as_integers)
{
    struct spaces_spec s;
    spaces_init(&s, SPEC_GRID);
    struct value *values = value_list(&s.arena), *pair = value_list(&s.arena);
    value_push(&s.arena, pair, value_float(&s.arena, 2.0));
    value_push(&s.arena, pair, value_float(&s.arena, 0.5));
    value_push(&s.arena, values, value_float(&s.arena, 1e5));
    value_push(&s.arena, values, value_float(&s.arena, 1e16));
    value_push(&s.arena, values, pair);
    spaces_values(&s, "a", values, NULL);
    struct parameter constant = {.kind = SPACE_CONSTANT, .value = value_float(&s.arena, 4.0)};
    spaces_add(&s, "b", constant);
    struct strategy *g = start(&s, 0);
    static const char *const want[] = {"{\"a\": 100000, \"b\": 4}", "{\"a\": 1e+16, \"b\": 4}",
                                       "{\"a\": [2, 0.5], \"b\": 4}"};
    for (size_t i = 0; i < 3; i++) {
        struct proposal p;
        struct err err = {0};
        ASSERT_EQ(strategy_propose(g, &s.arena, &p, &err), 0);
        ASSERT_STR(json_text(&s.arena, p.params, JSON_PYTHON), want[i]);
    }
    strategy_free(g);
    spaces_done(&s);
}
