/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One tree for every piece of structured data: parameters, JSON documents, messages. Nodes live in
 * an arena and are never changed after they are shared. Integers and floats stay apart (1 is
 * not 1.0 when printed). Knows nothing of sweeps, files or text formats: base/json.h and
 * base/number/python.h print it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_LIST,
    VALUE_DICT
};

struct value {
    enum value_kind kind;
    union {
        bool b;
        int64_t i;
        double f;
        struct {
            const char *ptr; /* NUL-terminated; holds no NUL inside */
            size_t len;
        } s;
        struct {
            struct value **items;
            size_t n, cap;
        } list;
        struct {
            struct value_entry *entries; /* in order of insertion; added to by value_put() alone */
            size_t n, cap;
        } dict;
    };
};

struct value_entry {
    const char *key;
    struct value *value;
};

struct value *value_null(struct arena *a);
struct value *value_bool(struct arena *a, bool b);
struct value *value_int(struct arena *a, int64_t i);
struct value *value_float(struct arena *a, double f);
struct value *value_str(struct arena *a, const char *s); /* copies */
struct value *value_strn(struct arena *a, const char *s, size_t len);
struct value *value_list(struct arena *a);
struct value *value_dict(struct arena *a);
void value_push(struct arena *a, struct value *list, struct value *item);
/* Sets key, replacing its earlier value in place; the key is copied. */
void value_put(struct arena *a, struct value *dict, const char *key, struct value *item);
/* A list of these items, which stay where they are. */
struct value *value_list_of(struct arena *a, struct value **items, size_t n);
/* For a dict whose keys are known to differ: reserves n entries, then adds each without copying
 * its key. */
struct value *value_dict_with_room(struct arena *a, size_t n);
void value_put_new(struct value *dict, const char *key, struct value *item);
/* Puts item at path[0], path[1], … path[depth - 1] below root, making the dicts between. Those that
 * are there, root among them, must not be shared yet. */
void value_put_path(struct arena *a, struct value *root, const char *const *path, size_t depth,
                    struct value *item);
struct value *value_copy(struct arena *a, const struct value *v);
/* Nested dicts as one dict, its keys joined by dots; empty where v is no dict. Shares its values. */
struct value *value_flatten(struct arena *a, const struct value *v);

/* v with every float that is whole, and below 2^53, as an integer, in lists and dicts too. Shares
 * what has none. */
struct value *value_whole_as_int(struct arena *a, struct value *v);

/* NULL where dict is NULL, not a dict, or lacks the key. */
const struct value *value_get(const struct value *dict, const char *key);
/* Typed access to a dict: returns the fallback if the key is missing or has another kind (an int
 * is accepted as a float). */
const char *value_get_str(const struct value *dict, const char *key, const char *fallback);
int64_t value_get_int(const struct value *dict, const char *key, int64_t fallback);
double value_get_float(const struct value *dict, const char *key, double fallback);
bool value_get_bool(const struct value *dict, const char *key, bool fallback);

bool value_is_number(const struct value *v); /* int or float */
double value_number(const struct value *v);  /* must be a number */
/* Same value: int and float compare by number (1 == 1.0), bool is apart (1 != true), dicts ignore
 * order. */
bool value_same(const struct value *a, const struct value *b);
/* Equal for values that value_same() holds the same; stable across runs and machines. */
uint64_t value_hash(const struct value *v);
