/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/seen.h"

#include "base/mem.h"

enum { CAP_MIN = 64 };

void seen_init(struct seen *s)
{
    *s = (struct seen){0};
}

void seen_done(struct seen *s)
{
    mem_free(s->places);
    seen_init(s);
}

/* The place that holds key, or the empty place where it would go. Fibonacci hashing: successive
 * keys are the common case, and the golden ratio spreads them evenly. */
static size_t slot_find(const struct seen *s, uint64_t key)
{
    size_t at = (size_t)((key * 0x9e3779b97f4a7c15) >> 20) & (s->cap - 1);
    while (s->places[at] && s->places[at] != key)
        at = (at + 1) & (s->cap - 1);
    return at;
}

bool seen_has(const struct seen *s, uint64_t key)
{
    if (key == 0)
        return s->zero;
    return s->cap && s->places[slot_find(s, key)] == key;
}

static void seen_grow(struct seen *s)
{
    struct seen old = *s;
    s->cap = old.cap ? old.cap * 2 : CAP_MIN;
    s->places = mem_alloc(s->cap * sizeof *s->places);
    for (size_t i = 0; i < old.cap; i++)
        if (old.places[i])
            s->places[slot_find(s, old.places[i])] = old.places[i];
    mem_free(old.places);
}

bool seen_add(struct seen *s, uint64_t key)
{
    if (seen_has(s, key))
        return false;
    if (key == 0)
        s->zero = true;
    else {
        if (2 * (s->n + 1) > s->cap)
            seen_grow(s);
        s->places[slot_find(s, key)] = key;
    }
    s->n++;
    return true;
}
