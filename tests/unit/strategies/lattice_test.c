/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/lattice.h"

#include "strategies/strategy.h"
#include "tests/conditional.h"
#include "tests/test.h"
#include "language/spec_read.h"

enum { SPECS = 400 };

struct sweep {
    struct arena arena;
    struct cond_model model;
    struct buf text;
    struct spec *spec;
};

/* False where the reader finds by itself that a rule makes no sense, as some of them do. */
static bool begin(struct sweep *s, uint64_t number, const char *head, bool expressions)
{
    struct rng r;
    rng_init(&r, number, 1, RNG_TEST);
    arena_init(&s->arena);
    buf_init(&s->text, SIZE_MAX);
    cond_draw(&s->model, &r, expressions);
    cond_find_points(&s->model);
    cond_write(&s->model, head, &s->text);
    struct diags d;
    diags_init(&d, &s->arena, "generated");
    s->spec = spec_read(buf_str(&s->text), s->text.len, &d);
    if (!s->spec && (!expressions || d.n == 0))
        FAIL("%s\n%s", buf_str(&s->text), d.n ? d.items[0].message : "refused");
    return s->spec != NULL;
}

static void end(struct sweep *s)
{
    spec_free(s->spec);
    buf_done(&s->text);
    cond_done(&s->model);
    arena_done(&s->arena);
}

/* NULL where no point is left, and then besom says so. */
static struct strategy *start(struct sweep *s, uint64_t seed)
{
    struct err err = {0};
    struct strategy *strategy = NULL;
    int rc = strategy_new(s->spec, seed, &strategy, &err);
    if (s->model.points_n == 0) {
        ASSERT_EQ(rc, ERR_EMPTY);
        return NULL;
    }
    if (rc != 0)
        FAIL("%s\n%s", buf_str(&s->text), err.text);
    if (strategy_total(strategy) != s->model.points_n)
        FAIL("%s\n%d points, there are %d", buf_str(&s->text), (int)strategy_total(strategy),
             (int)s->model.points_n);
    return strategy;
}

struct made {
    struct proposal p;
    char key[COND_KEY];
};

static int compare_made(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    return cond_compare(x->key, y->key);
}

static void propose(struct sweep *s, struct strategy *strategy, struct made *ret)
{
    struct err err = {0};
    if (strategy_propose(strategy, &s->arena, &ret->p, &err) != 0)
        FAIL("%s\n%s", buf_str(&s->text), err.text);
    cond_key_of(&s->model, ret->p.params, ret->key);
}

/* Every point once and no other, then the end. */
static struct made *walk(struct sweep *s, struct strategy *strategy)
{
    size_t n = s->model.points_n;
    struct made *made = arena_alloc(&s->arena, n * sizeof *made);
    struct made *sorted = arena_alloc(&s->arena, n * sizeof *made);
    struct err err = {0};
    struct proposal p;
    for (size_t i = 0; i < n; i++)
        propose(s, strategy, &made[i]);
    ASSERT_EQ(strategy_propose(strategy, &s->arena, &p, &err), ERR_EXHAUSTED);
    memcpy(sorted, made, n * sizeof *made);
    qsort(sorted, n, sizeof *sorted, compare_made);
    for (size_t i = 0; i < n; i++)
        if (strcmp(sorted[i].key, s->model.points[i]) != 0)
            FAIL("%s\npoint %zu is %s, want %s", buf_str(&s->text), i, sorted[i].key,
                 s->model.points[i]);
    return made;
}

/* Gone on with behind its first `cut` proposals, it gives the rest as it would have. */
static void check_resumed(struct sweep *s, const struct made *made, size_t cut, uint64_t seed)
{
    struct strategy *strategy = start(s, seed);
    for (size_t i = 0; i < cut; i++)
        strategy_replay(strategy, made[i].p.cursor, made[i].p.params);
    for (size_t i = cut; i < s->model.points_n; i++) {
        struct made again;
        propose(s, strategy, &again);
        ASSERT_STR(again.key, made[i].key);
        ASSERT_EQ(again.p.cursor, made[i].p.cursor);
        ASSERT(value_same(again.p.why, made[i].p.why));
    }
    strategy_free(strategy);
}

static void check_sweeps(const char *head, bool expressions)
{
    size_t empty = 0, conditional = 0, points = 0, read = 0;
    for (uint64_t number = 0; number < SPECS; number++) {
        struct sweep s;
        struct strategy *strategy = NULL;
        if (begin(&s, number, head, expressions)) {
            strategy = start(&s, number);
            read++;
            empty += strategy == NULL;
            conditional += s.spec->space.conditional;
            points += s.model.points_n;
        }
        if (strategy) {
            struct made *made = walk(&s, strategy);
            check_resumed(&s, made, number % (s.model.points_n + 1), number);
        }
        strategy_free(strategy);
        end(&s);
    }
    ASSERT(read > SPECS * 3 / 4 && conditional > SPECS / 2 && points > SPECS * 20);
    ASSERT(!expressions || (empty > SPECS / 100 && empty < SPECS / 2));
}

TEST(a_grid_with_when_visits_each_point_once)
{
    check_sweeps("method: grid\n", false);
}

TEST(a_grid_with_expressions_visits_each_point_once)
{
    check_sweeps("method: grid\n", true);
}

TEST(a_grid_in_random_order_visits_each_point_once)
{
    check_sweeps("method: grid\norder: random\n", true);
}

TEST(random_under_conditions_draws_each_point_once)
{
    check_sweeps("method: random\n", true);
}

TEST(sobol_under_conditions_draws_each_point_once)
{
    check_sweeps("method: sobol\n", true);
}

static struct spec *read_spec(struct arena *a, const char *text)
{
    struct diags d;
    diags_init(&d, a, "test");
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec)
        FAIL("%s\n%s", text, d.n ? d.items[0].message : "refused");
    return spec;
}

/* Each space's only way out is this error, at the start or at the first proposal. */
static void check_empty(const char *text, int at_start, const char *said, const char *said_too)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    struct proposal p;
    arena_init(&a);
    struct spec *spec = read_spec(&a, text);
    int rc = strategy_new(spec, 1, &strategy, &err);
    ASSERT_EQ(rc, at_start);
    if (rc == 0) {
        ASSERT_EQ(strategy_propose(strategy, &a, &p, &err), ERR_EMPTY);
        strategy_free(strategy);
    }
    if (!strstr(err.text, said) || !strstr(err.text, said_too))
        FAIL("%s\n%s", text, err.text);
    spec_free(spec);
    arena_done(&a);
}

#define TWO_INTS "program: t.py\nparameters: {a: {min: 1, max: 5}, b: {min: 1, max: 5}}\n"
#define TWO_RANGES "program: t.py\nparameters: {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0}}\n"

TEST(empty_spaces_say_what_empties_them)
{
    const char *both = "forbid: [a < b, a >= b]\n" TWO_INTS;
    static const char *const methods[] = {"grid", "random", "sobol"};
    struct arena a;
    arena_init(&a);
    for (int i = 0; i < 3; i++)
        check_empty(arena_printf(&a, "method: %s\n%s", methods[i], both), ERR_EMPTY,
                    "`forbid: a >= b` 15 times, `forbid: a < b` 10 times", "loosen");
    check_empty(arena_printf(&a, "method: random\nunique: false\n%s", both), 0,
                "10000 draws in a row were refused (`forbid: a >= b`", "loosen");
    arena_done(&a);
    check_empty("method: random\nforbid: [x + y < 0.5, x > 0.25, y > 0.25]\n" TWO_RANGES, 0,
                "10000 draws in a row were refused (`forbid: x > 0.25`", "loosen");
    check_empty("method: sobol\nunique: true\nforbid: [log(x - 0.999) < 1]\n" TWO_RANGES, 0,
                "`forbid: log(x - 0.999) < 1` (it has no value) 99", "loosen");
}

/* One point in 10^4 of a finite space is found; so is the last one, among 25 that are forbidden. */
TEST(nearly_empty_spaces_are_drawn_to_the_end)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    struct proposal p;
    arena_init(&a);
    struct spec *spec =
        read_spec(&a, "method: random\nprogram: t.py\nforbid: [a != 77 or b % 50 != 3]\n"
                      "parameters: {a: {min: 1, max: 100}, b: {min: 1, max: 100}}\n");
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), 0);
    ASSERT_EQ(strategy_total(strategy), 2);
    int64_t sum = 0;
    for (int i = 0; i < 2; i++) {
        ASSERT_EQ(strategy_propose(strategy, &a, &p, &err), 0);
        ASSERT_EQ(value_get_int(p.params, "a", 0), 77);
        ASSERT_EQ(value_get_int(p.why, "forbidden_passed_over", 0), 64);
        sum += value_get_int(p.params, "b", 0);
    }
    ASSERT_EQ(sum, 3 + 53);
    ASSERT_EQ(strategy_propose(strategy, &a, &p, &err), ERR_EXHAUSTED);
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&a);
}

/* What is not tied costs nothing, however much there is of it; what is tied too much is refused. */
TEST(conditions_cost_as_much_as_they_link)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    arena_init(&a);
    struct spec *spec = read_spec(
        &a, "method: grid\nprogram: t.py\nforbid: [a < b]\nparameters:\n"
            "  {a: {min: 1, max: 100}, b: {min: 1, max: 100}, c: {min: 1, max: 10000000},\n"
            "   d: {min: 1, max: 1000000, when: {a: 100}}}\n");
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), 0);
    ASSERT_EQ(strategy_total(strategy), (99 * 100 / 2 + 100 * 1000000LL) * 10000000);
    strategy_free(strategy);
    spec_free(spec);
    const char *tied = "program: t.py\nforbid: [a * b + c > 1]\nparameters:\n"
                       "  {a: {min: 0, max: 999}, b: {min: 0, max: 999}, c: {min: 0, max: 999}}\n";
    spec = read_spec(&a, arena_printf(&a, "method: grid\n%s", tied));
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), ERR_LIMIT);
    if (!strstr(err.text, "a, b, c: more than 524288"))
        FAIL("%s", err.text);
    spec_free(spec);
    spec = read_spec(&a, arena_printf(&a, "method: random\n%s", tied));
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), 0);
    ASSERT(strategy_total(strategy) == UINT64_MAX);
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&a);
}

/* Drawing without putting back, from four points of unequal chances: x1 x2 y1 z. */
TEST(random_without_repeats_keeps_the_distribution_under_conditions)
{
    enum { SEEDS = 6000, POINTS = 4 };
    static const double chances[POINTS] = {0.35 / 0.9, 0.35 / 0.9, 0.1 / 0.9, 0.1 / 0.9};
    struct arena a, scratch;
    struct err err = {0};
    int count[POINTS][POINTS] = {0};
    arena_init(&a);
    arena_init(&scratch);
    struct spec *spec =
        read_spec(&a, "method: random\nprogram: t.py\nforbid: [a == 'y' and b == 2]\nparameters:\n"
                      "  {a: {values: [x, y, z], probabilities: [0.7, 0.2, 0.1]},\n"
                      "   b: {min: 1, max: 2, when: {a: [x, y]}}}\n");
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct strategy *r;
        int drawn[2];
        ASSERT_EQ(strategy_new(spec, seed, &r, &err), 0);
        for (int i = 0; i < 2; i++) {
            struct proposal p;
            ASSERT_EQ(strategy_propose(r, &scratch, &p, &err), 0);
            char letter = value_get_str(p.params, "a", "")[0];
            drawn[i] = letter == 'x' ? (int)value_get_int(p.params, "b", 0) - 1 : letter - 'y' + 2;
        }
        count[drawn[0]][drawn[1]]++;
        strategy_free(r);
        arena_clear(&scratch);
    }
    double chi2 = 0;
    for (int i = 0; i < POINTS; i++)
        for (int j = 0; j < POINTS; j++) {
            double want = i == j ? 0 : SEEDS * chances[i] * chances[j] / (1 - chances[i]);
            ASSERT(i != j || count[i][j] == 0);
            chi2 += i == j ? 0 : pow(count[i][j] - want, 2) / want;
        }
    if (chi2 > 37.4) /* 11 degrees of freedom: 1e-4 */
        FAIL("chi-square %g", chi2);
    spec_free(spec);
    arena_done(&scratch);
    arena_done(&a);
}

/* Nearly all draws are refused. Points chosen from the list of allowed ones must follow the
 * distribution too. */
TEST(choosing_among_allowed_points_keeps_the_distribution)
{
    enum { SEEDS = 6000 };
    struct arena a, scratch;
    struct err err = {0};
    int y = 0;
    arena_init(&a);
    arena_init(&scratch);
    struct spec *spec =
        read_spec(&a, "method: random\nprogram: t.py\nforbid: [a == 'x']\nparameters:\n"
                      "  {a: {values: [x, y, z], probabilities: [0.9999996, 3.0e-7, 1.0e-7]}}\n");
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct strategy *r;
        struct proposal p;
        ASSERT_EQ(strategy_new(spec, seed, &r, &err), 0);
        ASSERT_EQ(strategy_propose(r, &scratch, &p, &err), 0);
        y += value_get_str(p.params, "a", "")[0] == 'y';
        strategy_free(r);
        arena_clear(&scratch);
    }
    ASSERT(abs(y - SEEDS * 3 / 4) < 4 * sqrt(SEEDS * 3.0 / 16));
    spec_free(spec);
    arena_done(&scratch);
    arena_done(&a);
}

/* What differs only in a parameter that does not exist is one configuration. */
TEST(what_does_not_exist_makes_no_difference)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    arena_init(&a);
    struct spec *spec =
        read_spec(&a, "method: random\nunique: true\nprogram: t.py\nparameters:\n"
                      "  {m: {values: [p, q]}, x: {min: 0.0, max: 1.0, when: {m: p}}}\n");
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), 0);
    int without = 0;
    for (int i = 0; i < 200; i++) {
        struct proposal p;
        ASSERT_EQ(strategy_propose(strategy, &a, &p, &err), 0);
        without += value_get(p.params, "x") == NULL;
    }
    ASSERT_EQ(without, 1);
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&a);
}

static struct spec *spec_of_buf(struct arena *a, struct buf *text)
{
    struct spec *spec = read_spec(a, buf_str(text));
    buf_done(text);
    return spec;
}

/* Values that no list of when tells apart cost as much as one of them. */
TEST(a_long_list_of_values_costs_what_is_asked_of_it)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    struct buf text;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "method: grid\nprogram: t.py\nparameters:\n  x: {min: 1, max: 100000}\n");
    for (int i = 0; i < 40; i++)
        buf_addf(&text, "  p%d: {values: [1, 2], when: {x: [%d, 7]}}\n", i, 10 + i);
    struct spec *spec = spec_of_buf(&a, &text);
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), 0);
    ASSERT_EQ(strategy_total(strategy), 100000 - 41 + 40 * 2 + (1LL << 40));
    strategy_free(strategy);
    spec_free(spec);
    arena_done(&a);
}

/* Otherwise a spec of 80 KB held lint up for seconds. */
TEST(a_long_condition_of_when_counts_as_much_as_it_takes)
{
    struct arena a;
    struct err err = {0};
    struct strategy *strategy;
    struct buf text;
    arena_init(&a);
    buf_init(&text, SIZE_MAX);
    buf_adds(&text, "method: grid\nprogram: t.py\nparameters:\n  x: {min: 1, max: 12000}\n");
    for (int i = 0; i < 10; i++) {
        buf_addf(&text, "  p%d: {values: [1, 2], when: '", i);
        for (int k = 0; k < 900; k++)
            buf_adds(&text, "x + ");
        buf_addf(&text, "x > %d'}\n", i);
    }
    struct spec *spec = spec_of_buf(&a, &text);
    ASSERT_EQ(strategy_new(spec, 1, &strategy, &err), ERR_LIMIT);
    spec_free(spec);
    arena_done(&a);
}
