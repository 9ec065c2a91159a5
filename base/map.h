/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A hash table from bytes to a pointer; keys are copied. Iteration is in order of insertion, so
 * that nothing depends on hash order. */
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct map_entry;
struct map {
    struct map_entry *entries;
    size_t n, cap;   /* entries in order of insertion, removed ones among them */
    uint32_t *index; /* open addressing: 1 + place in entries, 0 empty */
    size_t index_cap;
    size_t live;
};

void map_init(struct map *m);
void map_done(struct map *m);                                     /* the values are the caller's */
void *map_find(const struct map *m, const void *key, size_t len); /* NULL if none */
void *map_put(struct map *m, const void *key, size_t len,
              void *value); /* returns the value replaced, or NULL */
void *map_remove(struct map *m, const void *key, size_t len);
/* for (size_t at = 0; map_next(&m, &at, &value);)   Removing on the way is safe, putting is not. */
bool map_next(const struct map *m, size_t *at, void **value);
