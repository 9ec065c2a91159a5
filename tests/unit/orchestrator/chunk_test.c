/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/store/chunk.h"
#include "base/limits.h"
#include "base/number/rng.h"
#include "tests/test.h"

static struct arena arena;
static struct chunk_codec *codec;
static struct buf out;

static void set_up(void)
{
    codec = chunk_codec_new();
    buf_init(&out, SIZE_MAX);
}

static void tear_down(void)
{
    chunk_codec_free(codec);
    buf_done(&out);
    arena_done(&arena);
}

static struct points decode(void)
{
    struct points ps;
    struct err err;
    if (chunk_decode(codec, &arena, buf_str(&out), out.len, &ps, &err) < 0)
        FAIL("%s", err.text);
    return ps;
}

static void compare(const struct points *a, const struct points *b)
{
    ASSERT_EQ(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct point *p = &a->items[i], *q = &b->items[i];
        ASSERT(p->step == q->step && p->time_ms == q->time_ms);
        ASSERT_EQ(p->n, q->n);
        for (size_t k = 0; k < p->n; k++) {
            double f;
            ASSERT(point_find(q, p->keys[k], &f));
            if (!isnan(p->values[k]) || !isnan(f))
                ASSERT(memcmp(&p->values[k], &f, sizeof f) == 0);
        }
    }
}

static double some_value(struct rng *r)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 0.0, 5e-324, 1e308, -1};
    uint64_t bits = rng_u64(r);
    double f;
    memcpy(&f, &bits, sizeof f);
    return rng_below(r, 3) ? f : odd[rng_below(r, 8)];
}

static struct points some_points(struct rng *r, size_t n, size_t names, uint64_t rarity)
{
    struct points ps = {.n = n, .items = arena_alloc(&arena, n * sizeof *ps.items)};
    for (size_t i = 0; i < n; i++) {
        const char **keys = arena_alloc(&arena, names * sizeof *keys);
        double *values = arena_alloc(&arena, names * sizeof *values);
        size_t m = 0;
        for (size_t k = 0; k < names; k++) {
            if (rng_below(r, rarity) == 0 || (k + 1 == names && m == 0)) {
                keys[m] = arena_printf(&arena, "k%zu", k);
                values[m++] = some_value(r);
            }
        }
        int64_t step = rng_below(r, 10) ? (int64_t)i : (int64_t)rng_u64(r);
        ps.items[i] =
            (struct point){step, (int64_t)rng_u64(r) >> rng_below(r, 60), m, keys, values};
    }
    return ps;
}

TEST(chunk_decode_gives_what_encode_took)
{
    struct rng r;
    set_up();
    rng_init(&r, 1, 0, RNG_TEST);
    for (int i = 0; i < 400; i++) {
        struct points ps =
            some_points(&r, rng_below(&r, 80), 1 + rng_below(&r, 12), 1 + rng_below(&r, 60));
        buf_clear(&out);
        ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), 0);
        struct points back = decode();
        compare(&ps, &back);
        arena_clear(&arena);
    }
    tear_down();
}

/* What the books fold is the same before and after: names come in the order of their first use. */
TEST(chunk_keeps_the_order_of_first_use)
{
    set_up();
    static const char *const first[] = {"b", "a"}, *const second[] = {"c", "a", "b"};
    static const double values[] = {1, 2, 3};
    struct point items[] = {
        {0, 0, 2, first, values}, {1, 1, 3, second, values}, {2, 2, 2, first, values}};
    struct points ps = {.items = items, .n = 3}, back;
    ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), 0);
    back = decode();
    compare(&ps, &back);
    ASSERT_STR(back.items[0].keys[0], "b");
    ASSERT_STR(back.items[1].keys[0], "b");
    ASSERT_STR(back.items[1].keys[2], "c");
    tear_down();
}

TEST(chunk_of_a_curve_is_small)
{
    struct rng r;
    set_up();
    rng_init(&r, 2, 0, RNG_TEST);
    static const char *const keys[] = {"loss"};
    struct points ps = {.n = 1000, .items = arena_alloc(&arena, 1000 * sizeof *ps.items)};
    for (size_t i = 0; i < ps.n; i++) {
        double *value = arena_alloc(&arena, sizeof *value);
        *value = (float)(1 / (1 + (double)i) + 0.01 * rng_unit(&r));
        ps.items[i] = (struct point){(int64_t)i, 1700000000000 + 100 * (int64_t)i, 1, keys, value};
    }
    ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), 0);
    ASSERT(out.len < 5000);
    struct points back = decode();
    ASSERT(back.items[0].keys == back.items[999].keys);
    tear_down();
}

TEST(chunk_damage_is_found)
{
    struct rng r;
    set_up();
    rng_init(&r, 3, 0, RNG_TEST);
    struct points ps = some_points(&r, 60, 5, 2), back;
    ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), 0);
    for (size_t len = 0; len < out.len; len++)
        ASSERT_EQ(chunk_decode(codec, &arena, buf_str(&out), len, &back, NULL), ERR_DAMAGED);
    for (int i = 0; i < 3000; i++) {
        size_t at = rng_below(&r, out.len);
        char old = buf_str(&out)[at];
        buf_str(&out)[at] = (char)(old ^ (1 << rng_below(&r, 8)));
        struct err err = {0};
        if (chunk_decode(codec, &arena, buf_str(&out), out.len, &back, &err) == 0)
            compare(&ps, &back); /* a bit that means nothing in the frame's header */
        buf_str(&out)[at] = old;
    }
    tear_down();
}

TEST(chunk_with_too_many_names_is_refused)
{
    struct rng r;
    set_up();
    rng_init(&r, 4, 0, RNG_TEST);
    struct points ps = some_points(&r, 1, LIMIT_METRIC_KEYS + 1, 1);
    ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), ERR_LIMIT);
    ps.items[0].n--;
    ASSERT_EQ(chunk_encode(codec, &ps, &out, NULL), 0);
    struct points back = decode();
    compare(&ps, &back);
    tear_down();
}
