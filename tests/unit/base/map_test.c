/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/map.h"
#include "base/number/rng.h"
#include "tests/test.h"

/* A model so plain that it can only be right: an array in order of insertion. */
struct model {
    uint32_t keys[2000];
    void *values[2000];
    size_t n;
};

static size_t model_at(const struct model *m, uint32_t key)
{
    size_t i = 0;
    while (i < m->n && m->keys[i] != key)
        i++;
    return i;
}

static void *model_put(struct model *m, uint32_t key, void *value)
{
    size_t i = model_at(m, key);
    void *old = i < m->n ? m->values[i] : NULL;
    m->keys[i] = key;
    m->values[i] = value;
    m->n += i == m->n;
    return old;
}

static void *model_remove(struct model *m, uint32_t key)
{
    size_t i = model_at(m, key);
    if (i == m->n)
        return NULL;
    void *old = m->values[i];
    memmove(&m->keys[i], &m->keys[i + 1], (m->n - i - 1) * sizeof *m->keys);
    memmove(&m->values[i], &m->values[i + 1], (m->n - i - 1) * sizeof *m->values);
    m->n--;
    return old;
}

static void compare(const struct map *map, const struct model *model)
{
    size_t i = 0;
    void *value;
    ASSERT_EQ(map->live, model->n);
    for (size_t at = 0; map_next(map, &at, &value); i++)
        ASSERT(i < model->n && value == model->values[i]);
    ASSERT_EQ(i, model->n);
    for (i = 0; i < model->n; i++)
        ASSERT(map_find(map, &model->keys[i], sizeof *model->keys) == model->values[i]);
}

TEST(map_agrees_with_a_plain_model)
{
    static struct model model;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct map map;
        struct rng rng;
        map_init(&map);
        rng_init(&rng, seed, 0, RNG_TEST);
        model.n = 0;
        uint64_t keys = 4 + rng_below(&rng, 300);
        uint64_t remove_share = rng_below(&rng, 10);
        for (int step = 0; step < 2000; step++) {
            uint32_t key = (uint32_t)rng_below(&rng, keys);
            void *value = (void *)(uintptr_t)(step + 1);
            if (rng_below(&rng, 10) < remove_share)
                ASSERT(map_remove(&map, &key, sizeof key) == model_remove(&model, key));
            else
                ASSERT(map_put(&map, &key, sizeof key, value) == model_put(&model, key, value));
            if (step % 50 == 0)
                compare(&map, &model);
        }
        compare(&map, &model);
        ASSERT(map.cap <= 8 + 4 * keys);
        map_done(&map);
    }
}

TEST(map_keys_are_bytes_of_any_length)
{
    struct map m;
    int one, two, three;
    map_init(&m);
    ASSERT(map_find(&m, "a", 1) == NULL);
    ASSERT(map_remove(&m, "a", 1) == NULL);
    map_put(&m, "", 0, &one);
    map_put(&m, "a\0b", 3, &two);
    map_put(&m, "a\0c", 3, &three);
    ASSERT(map_find(&m, NULL, 0) == &one);
    ASSERT(map_find(&m, "a\0b", 3) == &two);
    ASSERT(map_find(&m, "a\0c", 3) == &three);
    ASSERT(map_find(&m, "a", 1) == NULL);
    map_done(&m);
}

TEST(map_may_be_emptied_while_walked)
{
    struct map m;
    uint32_t keys[100];
    map_init(&m);
    for (uint32_t i = 0; i < 100; i++) {
        keys[i] = i;
        map_put(&m, &i, sizeof i, &keys[i]);
    }
    void *value;
    uint32_t want = 0;
    for (size_t at = 0; map_next(&m, &at, &value); want++) {
        ASSERT_EQ(*(uint32_t *)value, want);
        ASSERT(map_remove(&m, value, sizeof want) == value);
    }
    ASSERT_EQ(want, 100);
    ASSERT_EQ(m.live, 0);
    map_done(&m);
}
