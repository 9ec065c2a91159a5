/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice.h"

#include "strategies/strategy.h"
#include "tests/conditional.h"
#include "tests/test.h"

enum { SPECS = 400 };

struct sweep {
    struct arena arena;
    struct cond_model model;
    struct buf text;
    struct spec *spec;
};

static struct spec *read_spec(struct arena *a, const struct buf *text)
{
    struct diags d;
    diags_init(&d, a, "generated");
    struct spec *spec = spec_read(text->data, text->len, &d);
    if (!spec)
        FAIL("%s\n%s", text->data, d.n ? d.items[0].message : "refused");
    return spec;
}

static void begin(struct sweep *s, uint64_t number, const char *head, bool expressions)
{
    struct rng r;
    rng_init(&r, number, 1, RNG_TEST);
    arena_init(&s->arena);
    buf_init(&s->text, 1 << 16);
    cond_draw(&s->model, &r, expressions);
    cond_find_points(&s->model);
    cond_write(&s->model, head, &s->text);
    s->spec = read_spec(&s->arena, &s->text);
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
        FAIL("%s\n%s", s->text.data, err.text);
    if (strategy_total(strategy) != s->model.points_n)
        FAIL("%s\n%d points, there are %d", s->text.data, (int)strategy_total(strategy),
             (int)s->model.points_n);
    return strategy;
}

/* Every point once and no other, then the end. Returns the keys in the order of proposing. */
static char (*walk(struct sweep *s, struct strategy *strategy))[COND_KEY]
{
    size_t n = s->model.points_n;
    char(*made)[COND_KEY] = arena_alloc(&s->arena, n * sizeof *made);
    char(*sorted)[COND_KEY] = arena_alloc(&s->arena, n * sizeof *made);
    struct err err = {0};
    struct proposal p;
    for (size_t i = 0; i < n; i++) {
        if (strategy_propose(strategy, &s->arena, &p, &err) != 0)
            FAIL("%s\nafter %zu of %zu: %s", s->text.data, i, n, err.text);
        cond_key_of(&s->model, p.params, made[i]);
    }
    ASSERT_EQ(strategy_propose(strategy, &s->arena, &p, &err), ERR_EXHAUSTED);
    memcpy(sorted, made, n * sizeof *made);
    qsort(sorted, n, sizeof *sorted, cond_compare);
    for (size_t i = 0; i < n; i++)
        if (strcmp(sorted[i], s->model.points[i]) != 0)
            FAIL("%s\npoint %zu is %s, want %s", s->text.data, i, sorted[i], s->model.points[i]);
    return made;
}

/* Gone on with behind its first `cut` proposals, a grid gives the rest as it would have. */
static void check_resumed(struct sweep *s, char (*made)[COND_KEY], size_t cut)
{
    struct strategy *strategy = start(s, 5);
    struct err err = {0};
    struct proposal p;
    char key[COND_KEY];
    if (cut > 0)
        strategy_replay(strategy, cut - 1, NULL);
    for (size_t i = cut; i < s->model.points_n; i++) {
        ASSERT_EQ(strategy_propose(strategy, &s->arena, &p, &err), 0);
        cond_key_of(&s->model, p.params, key);
        ASSERT_STR(key, made[i]);
    }
    strategy_free(strategy);
}

static void check_grids(const char *head, bool expressions)
{
    size_t empty = 0, conditional = 0, points = 0;
    for (uint64_t number = 0; number < SPECS; number++) {
        struct sweep s;
        begin(&s, number, head, expressions);
        struct strategy *strategy = start(&s, 5);
        empty += strategy == NULL;
        conditional += s.spec->space.conditional;
        points += s.model.points_n;
        if (strategy) {
            char(*made)[COND_KEY] = walk(&s, strategy);
            strategy_free(strategy);
            check_resumed(&s, made, number % (s.model.points_n + 1));
        }
        end(&s);
    }
    ASSERT(conditional > SPECS / 2 && points > SPECS * 20);
    ASSERT(!expressions || (empty > SPECS / 100 && empty < SPECS / 2));
}

TEST(a_grid_with_when_visits_each_point_once)
{
    check_grids("method: grid\n", false);
}

TEST(a_grid_with_when_visits_each_point_once_in_random_order)
{
    check_grids("method: grid\norder: random\n", false);
}
