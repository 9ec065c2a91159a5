/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/value.h"

#include <math.h>
#include <string.h>

#include "base/check.h"

static struct value *new_value(struct arena *a, enum value_kind kind)
{
    struct value *v = arena_alloc(a, sizeof *v);
    v->kind = kind;
    return v;
}

struct value *value_null(struct arena *a)
{
    return new_value(a, VALUE_NULL);
}

struct value *value_bool(struct arena *a, bool b)
{
    struct value *v = new_value(a, VALUE_BOOL);
    v->b = b;
    return v;
}

struct value *value_int(struct arena *a, int64_t i)
{
    struct value *v = new_value(a, VALUE_INT);
    v->i = i;
    return v;
}

struct value *value_float(struct arena *a, double f)
{
    struct value *v = new_value(a, VALUE_FLOAT);
    v->f = f;
    return v;
}

struct value *value_str(struct arena *a, const char *s)
{
    return value_strn(a, s, strlen(s));
}

struct value *value_strn(struct arena *a, const char *s, size_t len)
{
    PRE(len == 0 || !memchr(s, '\0', len));
    struct value *v = new_value(a, VALUE_STR);
    v->s.ptr = arena_strndup(a, s, len);
    v->s.len = len;
    return v;
}

struct value *value_list(struct arena *a)
{
    return new_value(a, VALUE_LIST);
}

struct value *value_dict(struct arena *a)
{
    return new_value(a, VALUE_DICT);
}

void value_push(struct arena *a, struct value *list, struct value *item)
{
    PRE(list->kind == VALUE_LIST);
    if (list->list.n == list->list.cap) {
        size_t cap = list->list.cap ? list->list.cap * 2 : 4;
        struct value **items = arena_alloc(a, cap * sizeof *items);
        if (list->list.n)
            memcpy(items, list->list.items, list->list.n * sizeof *items);
        list->list.items = items;
        list->list.cap = cap;
    }
    list->list.items[list->list.n++] = item;
}

/* A dict of this capacity or more has a hash index of 2 * cap places after its entries (1 + the
 * entry's place, 0 empty, open addressing): a frame full of keys must not take quadratic time. */
enum { INDEXED_CAP = 16 };

static uint64_t hash_mix(uint64_t h)
{
    h ^= h >> 30;
    h *= 0xbf58476d1ce4e5b9;
    h ^= h >> 27;
    h *= 0x94d049bb133111eb;
    return h ^ h >> 31;
}

static uint64_t hash_str(const char *s)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3;
    return hash_mix(h);
}

static uint32_t *dict_index(const struct value *dict)
{
    return (uint32_t *)(dict->dict.entries + dict->dict.cap);
}

static void link_key(struct value *dict, size_t place)
{
    uint32_t *index = dict_index(dict);
    size_t mask = 2 * dict->dict.cap - 1;
    size_t slot = hash_str(dict->dict.entries[place].key) & mask;
    while (index[slot])
        slot = (slot + 1) & mask;
    index[slot] = (uint32_t)(place + 1);
}

static struct value_entry *find_entry(const struct value *dict, const char *key)
{
    struct value_entry *entries = dict->dict.entries;
    if (dict->dict.cap < INDEXED_CAP) {
        for (size_t i = 0; i < dict->dict.n; i++)
            if (strcmp(entries[i].key, key) == 0)
                return &entries[i];
        return NULL;
    }
    const uint32_t *index = dict_index(dict);
    size_t mask = 2 * dict->dict.cap - 1;
    for (size_t slot = hash_str(key) & mask; index[slot]; slot = (slot + 1) & mask)
        if (strcmp(entries[index[slot] - 1].key, key) == 0)
            return &entries[index[slot] - 1];
    return NULL;
}

static void grow_dict(struct arena *a, struct value *dict, size_t need)
{
    size_t cap = dict->dict.cap ? dict->dict.cap * 2 : 4;
    check(need <= UINT32_MAX / 4);
    while (cap < need)
        cap *= 2;
    check(cap <= UINT32_MAX / 4);
    size_t bytes = cap * sizeof(struct value_entry);
    if (cap >= INDEXED_CAP)
        bytes += 2 * cap * sizeof(uint32_t);
    struct value_entry *entries = arena_alloc(a, bytes);
    if (dict->dict.n)
        memcpy(entries, dict->dict.entries, dict->dict.n * sizeof *entries);
    dict->dict.entries = entries;
    dict->dict.cap = cap;
    if (cap >= INDEXED_CAP)
        for (size_t i = 0; i < dict->dict.n; i++)
            link_key(dict, i);
}

void value_put(struct arena *a, struct value *dict, const char *key, struct value *item)
{
    PRE(dict->kind == VALUE_DICT);
    struct value_entry *found = find_entry(dict, key);
    if (found) {
        found->value = item;
        return;
    }
    if (dict->dict.n == dict->dict.cap)
        grow_dict(a, dict, 0);
    value_put_new(dict, arena_strdup(a, key), item);
}

struct value *value_dict_with_room(struct arena *a, size_t n)
{
    struct value *dict = value_dict(a);
    if (n > 0)
        grow_dict(a, dict, n);
    return dict;
}

void value_put_new(struct value *dict, const char *key, struct value *item)
{
    PRE(dict->kind == VALUE_DICT && dict->dict.n < dict->dict.cap);
    size_t place = dict->dict.n++;
    dict->dict.entries[place] = (struct value_entry){key, item};
    if (dict->dict.cap >= INDEXED_CAP)
        link_key(dict, place);
}

struct value *value_list_of(struct arena *a, struct value **items, size_t n)
{
    struct value *list = value_list(a);
    list->list.items = items;
    list->list.n = n;
    list->list.cap = n;
    return list;
}

void value_put_path(struct arena *a, struct value *root, const char *const *path, size_t depth,
                    struct value *item)
{
    for (size_t level = 0; level + 1 < depth; level++) {
        struct value *inner = (struct value *)value_get(root, path[level]);
        if (!inner) {
            inner = value_dict(a);
            value_put(a, root, path[level], inner);
        }
        root = inner;
    }
    value_put(a, root, path[depth - 1], item);
}

struct value *value_copy(struct arena *a, const struct value *v)
{
    struct value *copy;
    switch (v->kind) {
    case VALUE_STR:
        return value_strn(a, v->s.ptr, v->s.len);
    case VALUE_LIST:
        copy = value_list(a);
        for (size_t i = 0; i < v->list.n; i++)
            value_push(a, copy, value_copy(a, v->list.items[i]));
        return copy;
    case VALUE_DICT:
        copy = value_dict(a);
        for (size_t i = 0; i < v->dict.n; i++)
            value_put(a, copy, v->dict.entries[i].key, value_copy(a, v->dict.entries[i].value));
        return copy;
    default:
        copy = new_value(a, v->kind);
        *copy = *v;
        return copy;
    }
}

/* Beyond 2^53, doubles do not hold every integer. */
static bool is_whole(const struct value *v)
{
    return v->kind == VALUE_FLOAT && fabs(v->f) < 0x1p53 && floor(v->f) == v->f;
}

static bool has_whole_float(const struct value *v)
{
    bool found = is_whole(v);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n && !found; i++)
        found = has_whole_float(v->list.items[i]);
    for (size_t i = 0; v->kind == VALUE_DICT && i < v->dict.n && !found; i++)
        found = has_whole_float(v->dict.entries[i].value);
    return found;
}

static struct value *whole_as_int(struct arena *a, struct value *v)
{
    struct value *changed = v;
    if (v->kind == VALUE_FLOAT)
        return is_whole(v) ? value_int(a, (int64_t)v->f) : v;
    if (v->kind == VALUE_LIST) {
        changed = value_list(a);
        for (size_t i = 0; i < v->list.n; i++)
            value_push(a, changed, whole_as_int(a, v->list.items[i]));
    } else if (v->kind == VALUE_DICT) {
        changed = value_dict_with_room(a, v->dict.n);
        for (size_t i = 0; i < v->dict.n; i++)
            value_put_new(changed, v->dict.entries[i].key,
                          whole_as_int(a, v->dict.entries[i].value));
    }
    return changed;
}

struct value *value_whole_as_int(struct arena *a, struct value *v)
{
    return has_whole_float(v) ? whole_as_int(a, v) : v;
}

static void value_flatten_into(struct arena *a, struct value *flat, const char *prefix,
                               const struct value *dict)
{
    for (size_t i = 0; i < dict->dict.n; i++) {
        const struct value_entry *e = &dict->dict.entries[i];
        const char *key = *prefix ? arena_printf(a, "%s.%s", prefix, e->key) : e->key;
        if (e->value->kind == VALUE_DICT && e->value->dict.n > 0)
            value_flatten_into(a, flat, key, e->value);
        else
            value_put(a, flat, key, e->value);
    }
}

struct value *value_flatten(struct arena *a, const struct value *v)
{
    struct value *flat = value_dict(a);
    if (v && v->kind == VALUE_DICT)
        value_flatten_into(a, flat, "", v);
    return flat;
}

const struct value *value_get(const struct value *dict, const char *key)
{
    if (!dict || dict->kind != VALUE_DICT)
        return NULL;
    const struct value_entry *e = find_entry(dict, key);
    return e ? e->value : NULL;
}

const char *value_get_str(const struct value *dict, const char *key, const char *fallback)
{
    const struct value *v = value_get(dict, key);
    return v && v->kind == VALUE_STR ? v->s.ptr : fallback;
}

int64_t value_get_int(const struct value *dict, const char *key, int64_t fallback)
{
    const struct value *v = value_get(dict, key);
    return v && v->kind == VALUE_INT ? v->i : fallback;
}

double value_get_float(const struct value *dict, const char *key, double fallback)
{
    const struct value *v = value_get(dict, key);
    return v && value_is_number(v) ? value_number(v) : fallback;
}

bool value_get_bool(const struct value *dict, const char *key, bool fallback)
{
    const struct value *v = value_get(dict, key);
    return v && v->kind == VALUE_BOOL ? v->b : fallback;
}

bool value_is_number(const struct value *v)
{
    return v->kind == VALUE_INT || v->kind == VALUE_FLOAT;
}

double value_number(const struct value *v)
{
    PRE(value_is_number(v));
    return v->kind == VALUE_INT ? (double)v->i : v->f;
}

/* Whether f is an integer that int64 holds: only then can it be the same number as an int. */
static bool float_as_int(double f, int64_t *ret)
{
    if (!(f >= -0x1p63 && f < 0x1p63) || f != trunc(f))
        return false;
    *ret = (int64_t)f;
    return true;
}

static bool same_number(const struct value *a, const struct value *b)
{
    int64_t i;
    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return a->i == b->i;
    if (a->kind == VALUE_FLOAT && b->kind == VALUE_FLOAT)
        return a->f == b->f || (isnan(a->f) && isnan(b->f));
    if (a->kind == VALUE_INT)
        return float_as_int(b->f, &i) && i == a->i;
    return float_as_int(a->f, &i) && i == b->i;
}

static bool same_list(const struct value *a, const struct value *b)
{
    if (a->list.n != b->list.n)
        return false;
    for (size_t i = 0; i < a->list.n; i++)
        if (!value_same(a->list.items[i], b->list.items[i]))
            return false;
    return true;
}

static bool same_dict(const struct value *a, const struct value *b)
{
    if (a->dict.n != b->dict.n)
        return false;
    for (size_t i = 0; i < a->dict.n; i++) {
        const struct value *other = value_get(b, a->dict.entries[i].key);
        if (!other || !value_same(a->dict.entries[i].value, other))
            return false;
    }
    return true;
}

bool value_same(const struct value *a, const struct value *b)
{
    if (value_is_number(a) && value_is_number(b))
        return same_number(a, b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_BOOL:
        return a->b == b->b;
    case VALUE_STR:
        return a->s.len == b->s.len && memcmp(a->s.ptr, b->s.ptr, a->s.len) == 0;
    case VALUE_LIST:
        return same_list(a, b);
    case VALUE_DICT:
        return same_dict(a, b);
    default:
        return true;
    }
}

static uint64_t hash_float(double f)
{
    int64_t i;
    if (float_as_int(f, &i))
        return hash_mix((uint64_t)i + VALUE_INT);
    uint64_t bits = 0;
    if (!isnan(f))
        memcpy(&bits, &f, sizeof bits);
    return hash_mix(hash_mix(bits) + VALUE_FLOAT);
}

uint64_t value_hash(const struct value *v)
{
    uint64_t h = v->kind;
    switch (v->kind) {
    case VALUE_BOOL:
        return hash_mix(hash_mix(v->b) + VALUE_BOOL);
    case VALUE_INT:
        return hash_mix((uint64_t)v->i + VALUE_INT);
    case VALUE_FLOAT:
        return hash_float(v->f);
    case VALUE_STR:
        return hash_mix(hash_str(v->s.ptr) + VALUE_STR);
    case VALUE_LIST:
        for (size_t i = 0; i < v->list.n; i++)
            h = hash_mix(h + value_hash(v->list.items[i]));
        return hash_mix(h);
    case VALUE_DICT: /* a sum, since the order of the keys must not count */
        for (size_t i = 0; i < v->dict.n; i++)
            h += hash_mix(hash_str(v->dict.entries[i].key) ^ value_hash(v->dict.entries[i].value));
        return hash_mix(h);
    default:
        return hash_mix(h);
    }
}
