/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A binary heap of items that know their place in it, so that any of them can be moved or taken out
 * in O(log n). An item embeds a struct heap_item; the heap owns none of them. */
#include <stdbool.h>
#include <stddef.h>

struct heap_item {
    size_t place; /* from 1; 0: in no heap. Zero it before the first use */
};

/* Whether a comes before b. Must be a strict order that holds while both are in the heap. */
typedef bool (*heap_before_fn)(const struct heap_item *a, const struct heap_item *b);

struct heap {
    heap_before_fn before;
    struct heap_item **items;
    size_t n, cap;
};

void heap_init(struct heap *h, heap_before_fn before);
void heap_done(struct heap *h);
/* Adds the item, or moves it to its place after its order has changed. */
void heap_put(struct heap *h, struct heap_item *item);
void heap_remove(struct heap *h, struct heap_item *item); /* does nothing if the item is not in the
                                                           * heap */
struct heap_item *heap_first(const struct heap *h);       /* NULL where it is empty */
