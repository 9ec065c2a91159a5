/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/memo.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

enum { SLOTS_MIN = 64 };

void memo_init(struct memo *m)
{
    *m = (struct memo){0};
}

void memo_done(struct memo *m)
{
    mem_free(m->words);
    mem_free(m->slots);
    memo_init(m);
}

static uint32_t hash_of(const uint32_t *row, size_t n)
{
    uint64_t h = 0;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ row[i]) * 0x9E3779B97F4A7C15;
        h ^= h >> 29;
    }
    return (uint32_t)(h >> 32);
}

/* The slot of the row, or the empty slot where it would go. */
static struct memo_slot *slot_of(const struct memo *m, const uint32_t *row, size_t n, uint32_t hash)
{
    size_t mask = m->cap - 1, slot = hash & mask;
    for (; m->slots[slot].at != 0; slot = (slot + 1) & mask) {
        const uint32_t *there = m->words + m->slots[slot].at - 1;
        if (m->slots[slot].hash == hash && there[0] == row[0] &&
            memcmp(there, row, n * sizeof *row) == 0)
            break;
    }
    return &m->slots[slot];
}

bool memo_find(const struct memo *m, const uint32_t *row, size_t n, uint32_t *ret)
{
    const struct memo_slot *slot = m->cap ? slot_of(m, row, n, hash_of(row, n)) : NULL;
    if (!slot || slot->at == 0)
        return false;
    *ret = slot->found;
    return true;
}

static void memo_grow(struct memo *m)
{
    struct memo_slot *old = m->slots;
    size_t old_cap = m->cap;
    m->cap = old_cap ? 2 * old_cap : SLOTS_MIN;
    m->slots = mem_alloc(m->cap * sizeof *m->slots);
    for (size_t i = 0; i < old_cap; i++) {
        size_t slot = old[i].hash & (m->cap - 1);
        while (old[i].at != 0 && m->slots[slot].at != 0)
            slot = (slot + 1) & (m->cap - 1);
        if (old[i].at != 0)
            m->slots[slot] = old[i];
    }
    mem_free(old);
}

void memo_put(struct memo *m, const uint32_t *row, size_t n, uint32_t found)
{
    if (4 * m->n >= 3 * m->cap)
        memo_grow(m);
    uint32_t hash = hash_of(row, n);
    struct memo_slot *slot = slot_of(m, row, n, hash);
    PRE(slot->at == 0);
    m->words = mem_grow(m->words, &m->words_cap, m->words_n + n, sizeof *m->words);
    memcpy(m->words + m->words_n, row, n * sizeof *row);
    *slot = (struct memo_slot){.at = (uint32_t)m->words_n + 1, .hash = hash, .found = found};
    m->words_n += n;
    m->n++;
}
