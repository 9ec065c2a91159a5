/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/heap.h"

#include "base/check.h"
#include "base/mem.h"

void heap_init(struct heap *h, heap_before_fn before)
{
    *h = (struct heap){.before = before};
}

void heap_done(struct heap *h)
{
    mem_free(h->items);
    *h = (struct heap){0};
}

static void heap_set(struct heap *h, size_t place, struct heap_item *item)
{
    h->items[place - 1] = item;
    item->place = place;
}

/* Moves the item towards the front; true if it moved. */
static bool heap_rise(struct heap *h, struct heap_item *item)
{
    size_t start = item->place, place = start;
    for (; place > 1 && h->before(item, h->items[place / 2 - 1]); place /= 2)
        heap_set(h, place, h->items[place / 2 - 1]);
    heap_set(h, place, item);
    return place != start;
}

static void heap_sink(struct heap *h, struct heap_item *item)
{
    size_t place = item->place;
    for (size_t child; (child = 2 * place) <= h->n; place = child) {
        if (child < h->n && h->before(h->items[child], h->items[child - 1]))
            child++;
        if (!h->before(h->items[child - 1], item))
            break;
        heap_set(h, place, h->items[child - 1]);
    }
    heap_set(h, place, item);
}

void heap_put(struct heap *h, struct heap_item *item)
{
    if (item->place == 0) {
        h->items = mem_grow(h->items, &h->cap, h->n + 1, sizeof *h->items);
        h->n++;
        heap_set(h, h->n, item);
    }
    PRE(item->place <= h->n && h->items[item->place - 1] == item);
    if (!heap_rise(h, item))
        heap_sink(h, item);
}

void heap_remove(struct heap *h, struct heap_item *item)
{
    size_t place = item->place;
    if (place == 0)
        return;
    PRE(place <= h->n && h->items[place - 1] == item);
    struct heap_item *last = h->items[--h->n];
    item->place = 0;
    if (last == item)
        return;
    heap_set(h, place, last);
    if (!heap_rise(h, last))
        heap_sink(h, last);
}

struct heap_item *heap_first(const struct heap *h)
{
    return h->n ? h->items[0] : NULL;
}
