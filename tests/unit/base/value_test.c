/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/value.h"
#include <math.h>
#include "base/json.h"
#include "tests/test.h"

static struct arena a;

static void same(const struct value *x, const struct value *y)
{
    ASSERT(value_same(x, y) && value_same(y, x));
    ASSERT(value_hash(x) == value_hash(y));
}

static void differ(const struct value *x, const struct value *y)
{
    ASSERT(!value_same(x, y) && !value_same(y, x));
    ASSERT(value_hash(x) != value_hash(y));
}

TEST(value_same_compares_numbers_as_numbers)
{
    same(value_int(&a, 1), value_float(&a, 1.0));
    same(value_float(&a, 0.0), value_float(&a, -0.0));
    same(value_int(&a, 0), value_float(&a, -0.0));
    same(value_float(&a, NAN), value_float(&a, -NAN));
    same(value_int(&a, INT64_MIN), value_float(&a, -0x1p63));
    differ(value_int(&a, INT64_MAX), value_float(&a, 0x1p63));
    differ(value_int(&a, (INT64_C(1) << 53) + 1), value_float(&a, 0x1p53));
    differ(value_float(&a, 1e300), value_float(&a, INFINITY));
    differ(value_bool(&a, true), value_int(&a, 1));
    differ(value_bool(&a, false), value_null(&a));
    differ(value_str(&a, "1"), value_int(&a, 1));
    arena_done(&a);
}

TEST(value_same_ignores_the_order_of_keys)
{
    struct value *x = value_dict(&a), *y = value_dict(&a);
    char key[16];
    for (int i = 0; i < 40; i++) {
        snprintf(key, sizeof key, "k%d", i);
        value_put(&a, x, key, value_int(&a, i));
        snprintf(key, sizeof key, "k%d", 39 - i);
        value_put(&a, y, key, value_float(&a, 39 - i));
    }
    same(x, y);
    value_put(&a, y, "k3", value_int(&a, 4));
    differ(x, y);
    struct value *l = value_list(&a), *m = value_list(&a);
    value_push(&a, l, value_int(&a, 1));
    value_push(&a, l, value_int(&a, 2));
    value_push(&a, m, value_int(&a, 2));
    value_push(&a, m, value_int(&a, 1));
    differ(l, m);
    differ(value_list(&a), value_dict(&a));
    value_push(&a, m, value_null(&a));
    differ(l, m);
    value_put(&a, y, "more", value_null(&a));
    differ(x, y);
    arena_done(&a);
}

TEST(value_put_replaces_in_place)
{
    struct value *d = value_dict(&a);
    char key[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 1000; i++) {
            snprintf(key, sizeof key, "k%d", i);
            value_put(&a, d, key, value_int(&a, i + round));
            ASSERT_EQ(value_get(d, key)->i, i + round);
            ASSERT_EQ(d->dict.n, round ? 1000 : i + 1);
        }
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        ASSERT_STR(d->dict.entries[i].key, key);
        ASSERT_EQ(value_get_int(d, key, -1), i + 1);
    }
    ASSERT(value_get(d, "k1000") == NULL);
    arena_done(&a);
}

TEST(value_get_falls_back)
{
    struct value *d = value_dict(&a);
    ASSERT(value_get(NULL, "x") == NULL);
    ASSERT(value_get(value_int(&a, 1), "x") == NULL);
    value_put(&a, d, "i", value_int(&a, 3));
    value_put(&a, d, "f", value_float(&a, 1.5));
    value_put(&a, d, "s", value_str(&a, "text"));
    value_put(&a, d, "b", value_bool(&a, true));
    ASSERT_EQ(value_get_int(d, "i", 9), 3);
    ASSERT_EQ(value_get_int(d, "f", 9), 9);
    ASSERT(value_get_float(d, "i", 0) == 3.0);
    ASSERT(value_get_float(d, "s", 7) == 7.0);
    ASSERT_STR(value_get_str(d, "s", ""), "text");
    ASSERT_STR(value_get_str(d, "i", "none"), "none");
    ASSERT(value_get_bool(d, "b", false));
    ASSERT(!value_get_bool(d, "i", false));
    arena_done(&a);
}

TEST(value_copy_outlives_its_source)
{
    struct arena other;
    arena_init(&other);
    struct value *d = value_dict(&other), *l = value_list(&other);
    value_push(&other, l, value_strn(&other, "abcdef", 3));
    value_push(&other, l, value_float(&other, 0.5));
    value_push(&other, l, value_null(&other));
    value_put(&other, d, "list", l);
    value_put(&other, d, "flag", value_bool(&other, true));
    struct value *copy = value_copy(&a, d);
    same(copy, d);
    arena_done(&other);
    ASSERT_STR(value_get(copy, "list")->list.items[0]->s.ptr, "abc");
    ASSERT(copy->dict.entries[1].value->b);
    arena_done(&a);
}

TEST(value_whole_floats_become_integers)
{
    struct value *l = value_list(&a), *d = value_dict(&a);
    value_push(&a, l, value_float(&a, 4.0));
    value_push(&a, l, value_float(&a, 0.5));
    value_push(&a, l, value_float(&a, -0x1p53));
    value_push(&a, l, value_float(&a, -0x1p53 + 1));
    value_push(&a, l, value_float(&a, -0.0));
    value_push(&a, l, value_float(&a, INFINITY));
    value_push(&a, l, value_float(&a, NAN));
    value_put(&a, d, "list", l);
    value_put(&a, d, "one", value_float(&a, 1e5));
    const struct value *whole = value_whole_as_int(&a, d);
    ASSERT_STR(json_text(&a, whole, JSON_PYTHON),
               "{\"list\": [4, 0.5, -9007199254740992.0, -9007199254740991, 0, Infinity, NaN], "
               "\"one\": 100000}");
    ASSERT_EQ(l->list.items[0]->kind, VALUE_FLOAT);
    struct value *none = value_float(&a, 0.5);
    ASSERT(value_whole_as_int(&a, none) == none);
    arena_done(&a);
}
