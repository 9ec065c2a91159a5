/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/condition.h"

#include "base/json.h"
#include "base/number/rng.h"
#include "language/spec_read.h"
#include "tests/test.h"

static struct spec *read_spec(struct arena *a, const char *text)
{
    struct diags d;
    diags_init(&d, a, NULL);
    struct spec *s = spec_read(text, strlen(text), &d);
    if (!s)
        FAIL("%s", d.items[0].message);
    return s;
}

/* Settles the draw that json gives (by flattened names; what is left out is computed or constant),
 * and prints the params, or why there are none. */
static const char *settled(struct arena *a, const struct spec *s, const char *json)
{
    struct value *draw, **values = arena_alloc(a, (s->space.n + 1) * sizeof *values);
    struct err err = {0};
    ASSERT(json_parse(a, json, strlen(json), &draw, &err) == 0);
    for (size_t i = 0; i < s->space.n; i++)
        values[i] = (struct value *)value_get(draw, s->space.parameters[i].name);
    if (!condition_settle(a, &s->space, values))
        return "refused";
    return json_text(a, space_nest(a, &s->space, values), JSON_COMPACT);
}

static const char head[] = "program: t.py\nmethod: random\nrun_cap: 1\nparameters:\n";

struct row {
    const char *draw, *params;
};

static void check_rows(const char *body, const struct row *rows, size_t n)
{
    struct arena a;
    arena_init(&a);
    struct spec *s = read_spec(&a, arena_printf(&a, "%s%s", head, body));
    for (size_t i = 0; i < n; i++)
        ASSERT_STR(settled(&a, s, rows[i].draw), rows[i].params);
    spec_free(s);
    arena_done(&a);
}

#define CHECK(body, rows) check_rows(body, rows, sizeof rows / sizeof *rows)

TEST(a_parameter_exists_where_all_of_its_whens_hold)
{
    static const struct row rows[] = {
        {"{\"o\":\"sgd\",\"m\":0.9,\"n\":true}", "{\"m\":0.9,\"n\":true,\"o\":\"sgd\"}"},
        {"{\"o\":\"sgd\",\"m\":0,\"n\":true}", "{\"m\":0,\"o\":\"sgd\"}"},
        {"{\"o\":\"adam\",\"m\":0.9,\"n\":true}", "{\"o\":\"adam\"}"},
    };
    CHECK("  o: {values: [adam, sgd]}\n"
          "  m: {values: [0.0, 0.9, 1], when: {o: sgd}}\n"
          "  n: {values: [true, false], when: {m: [0.9, 1.0], o: [sgd, adam]}}\n",
          rows);
}

TEST(an_empty_group_is_left_out)
{
    static const struct row rows[] = {
        {"{\"o\":1,\"g.k\":\"x\",\"g.deep.z\":5}",
         "{\"g\":{\"deep\":{\"z\":5},\"k\":\"x\"},\"o\":1}"},
        {"{\"o\":1,\"g.k\":\"y\",\"g.deep.z\":5}", "{\"g\":{\"k\":\"y\"},\"o\":1}"},
        {"{\"o\":2,\"g.k\":\"x\",\"g.deep.z\":5}", "{\"o\":2}"},
    };
    CHECK("  o: {values: [1, 2]}\n"
          "  g:\n"
          "    when: {o: 1}\n"
          "    parameters:\n"
          "      k: {values: [x, y]}\n"
          "      deep:\n"
          "        when: {k: x}\n"
          "        parameters:\n"
          "          z: {min: 1, max: 9}\n",
          rows);
}

TEST(the_nearest_of_equal_names_counts)
{
    static const struct row rows[] = {
        {"{\"k\":1,\"g.k\":2}", "{\"g\":{\"a\":4,\"b\":3,\"k\":2},\"k\":1,\"t\":3}"},
    };
    CHECK("  k: {values: [1, 2]}\n"
          "  t: {expr: k + g.k}\n"
          "  g:\n"
          "    parameters:\n"
          "      k: {values: [1, 2]}\n"
          "      a: {expr: k * 2}\n"
          "      b: {expr: g.k + 1, when: {k: 2}}\n",
          rows);
}

TEST(what_is_absent_is_not_computed_with)
{
    static const struct row rows[] = {
        {"{\"o\":1,\"m\":3}", "{\"e\":6,\"m\":3,\"o\":1,\"w\":1}"},
        {"{\"o\":2,\"m\":3}", "{\"o\":2}"},
        {"{\"o\":1,\"m\":9}", "refused"},
        {"{\"o\":2,\"m\":9}", "{\"o\":2}"},
    };
    CHECK("  o: {values: [1, 2]}\n"
          "  m: {min: 1, max: 9, when: {o: 1}}\n"
          "  e: {expr: m * 2}\n"
          "  w: {expr: 1 * o, when: m > 1 or o == 2}\n"
          "forbid:\n"
          "  - m == 9 or o == 2\n",
          rows);
}

TEST(a_point_without_a_value_is_excluded)
{
    static const struct row rows[] = {
        {"{\"x\":2,\"y\":4}", "{\"q\":2.0,\"x\":2,\"y\":4}"},
        {"{\"x\":0,\"y\":4}", "refused"},
        {"{\"x\":3,\"y\":1}", "refused"},
        {"{\"x\":3,\"y\":0}", "{\"q\":0.0,\"x\":3,\"y\":0}"},
    };
    CHECK("  x: {min: 0, max: 9}\n"
          "  y: {min: 0, max: 9}\n"
          "  q: {expr: y / x}\n"
          "forbid:\n"
          "  - y != 0 and 1 / (y - 1) > 5\n",
          rows);
}

TEST(results_keep_their_kinds)
{
    static const struct row rows[] = {
        {"{\"n\":3}",
         "{\"f\":1.5,\"i\":8,\"l\":[1,2],\"n\":3,\"none\":null,\"t\":\"big\",\"w\":true}"},
    };
    CHECK("  n: {min: 1, max: 4}\n"
          "  i: {expr: 2 ** n}\n"
          "  f: {expr: n / 2}\n"
          "  w: {expr: n > 2}\n"
          "  t: {expr: \"'big' if n > 2 else 'small'\"}\n"
          "  l: {expr: \"[1, 2] if n > 2 else []\"}\n"
          "  none: {expr: None if n > 2 else n}\n",
          rows);
}

TEST(the_first_forbidden_condition_is_told)
{
    struct arena a;
    arena_init(&a);
    struct spec *s = read_spec(&a, arena_printf(&a, "%s%s", head,
                                                "  x: {min: 0, max: 9}\n"
                                                "forbid: [x > 7, x > 3, {x: [0, 1]}]\n"));
    static const size_t want[] = {2, 2, SIZE_MAX, SIZE_MAX, 1, 1, 1, 1, 0, 0};
    for (int64_t x = 0; x < 10; x++) {
        struct value *values[] = {value_int(&a, x)};
        bool undefined = false;
        ASSERT(condition_forbids(&s->space, values, &undefined) == want[x]);
        ASSERT(!undefined);
    }
    spec_free(s);
    arena_done(&a);
}

/* However names run, each parameter is settled after those that it needs. */
TEST(the_order_puts_each_after_what_it_names)
{
    enum { N = 40, SPECS = 200 };
    struct rng r;
    rng_init(&r, 3, 0, RNG_TEST);
    for (int k = 0; k < SPECS; k++) {
        struct arena a;
        struct buf text;
        size_t place[N], rank[N];
        arena_init(&a);
        buf_init(&text, SIZE_MAX);
        buf_adds(&text, head);
        for (size_t i = 0; i < N; i++)
            rank[i] = i;
        for (size_t i = N - 1; i > 0; i--) {
            size_t other = (size_t)(rng_unit(&r) * (double)(i + 1)), was = rank[i];
            rank[i] = rank[other];
            rank[other] = was;
        }
        /* p names a parameter before it in the order of ranks. */
        for (size_t i = 0; i < N; i++) {
            size_t to = (size_t)(rng_unit(&r) * (double)(i + 1));
            const char *fmt = to == i              ? "  p%02zu: {values: [1, 2]}\n"
                              : rng_unit(&r) < 0.5 ? "  p%02zu: {expr: p%02zu + 1}\n"
                                                   : "  p%02zu: {value: 1, when: 'p%02zu >= 1'}\n";
            buf_addf(&text, fmt, rank[i], rank[to]);
        }
        struct spec *s = read_spec(&a, buf_str(&text));
        ASSERT_EQ(s->space.n, N);
        for (size_t i = 0; i < N; i++)
            place[s->space.order[i]] = i;
        for (size_t i = 0; i < N; i++) {
            const struct parameter *p = &s->space.parameters[i];
            if (p->expr)
                ASSERT(place[p->expr->names[0]] < place[i]);
            if (p->when_n)
                ASSERT(place[p->when[0].condition->names[0]] < place[i]);
        }
        spec_free(s);
        buf_done(&text);
        arena_done(&a);
    }
}
