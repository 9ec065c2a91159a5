/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/map.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* A removed entry keeps its place with a NULL key: the index slot that points at it then serves as
 * the tombstone of the probe chain. Both go when the entries are compacted. */
struct map_entry {
    char *key;
    size_t len;
    uint64_t hash;
    void *value;
};

enum { ENTRIES_MIN = 8 };

/* FNV-1a, then a final mix: its low bits alone are weak in the last byte. */
static uint64_t hash_bytes(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    h ^= h >> 32;
    h *= 0x9E3779B97F4A7C15;
    return h ^ h >> 29;
}

void map_init(struct map *m)
{
    *m = (struct map){0};
}

void map_done(struct map *m)
{
    for (size_t i = 0; i < m->n; i++)
        mem_free(m->entries[i].key);
    mem_free(m->entries);
    mem_free(m->index);
    map_init(m);
}

static struct map_entry *find_entry(const struct map *m, const void *key, size_t len, uint64_t hash)
{
    if (!m->index_cap)
        return NULL;
    size_t mask = m->index_cap - 1;
    for (size_t slot = hash & mask; m->index[slot]; slot = (slot + 1) & mask) {
        struct map_entry *e = &m->entries[m->index[slot] - 1];
        if (e->key && e->hash == hash && e->len == len && (len == 0 || !memcmp(e->key, key, len)))
            return e;
    }
    return NULL;
}

static void link_entry(struct map *m, size_t place)
{
    size_t mask = m->index_cap - 1;
    size_t slot = m->entries[place].hash & mask;
    while (m->index[slot])
        slot = (slot + 1) & mask;
    m->index[slot] = (uint32_t)(place + 1);
}

/* Makes room for one more: drops the removed entries, and doubles if that gains less than half. */
static void map_rebuild(struct map *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->entries[i].key)
            m->entries[n++] = m->entries[i];
    m->n = n;
    check(n == m->live);
    size_t cap = m->cap ? m->cap : ENTRIES_MIN;
    if (n > cap / 2 || !m->cap) {
        cap = m->cap ? cap * 2 : cap;
        check(cap <= UINT32_MAX / 4);
        m->entries = mem_resize(m->entries, cap * sizeof *m->entries);
        m->cap = cap;
    }
    if (m->index_cap != 2 * cap) {
        mem_free(m->index);
        m->index_cap = 2 * cap;
        m->index = mem_alloc(m->index_cap * sizeof *m->index);
    } else {
        memset(m->index, 0, m->index_cap * sizeof *m->index);
    }
    for (size_t i = 0; i < n; i++)
        link_entry(m, i);
}

void *map_find(const struct map *m, const void *key, size_t len)
{
    const struct map_entry *e = find_entry(m, key, len, hash_bytes(key, len));
    return e ? e->value : NULL;
}

void *map_put(struct map *m, const void *key, size_t len, void *value)
{
    uint64_t hash = hash_bytes(key, len);
    struct map_entry *e = find_entry(m, key, len, hash);
    if (e) {
        void *old = e->value;
        e->value = value;
        return old;
    }
    if (m->n == m->cap)
        map_rebuild(m);
    char *copy = mem_resize(NULL, len);
    if (len)
        memcpy(copy, key, len);
    m->entries[m->n] = (struct map_entry){.key = copy, .len = len, .hash = hash, .value = value};
    link_entry(m, m->n++);
    m->live++;
    return NULL;
}

void *map_remove(struct map *m, const void *key, size_t len)
{
    struct map_entry *e = find_entry(m, key, len, hash_bytes(key, len));
    if (!e)
        return NULL;
    mem_free(e->key);
    e->key = NULL;
    m->live--;
    return e->value;
}

bool map_next(const struct map *m, size_t *at, void **value)
{
    while (*at < m->n) {
        const struct map_entry *e = &m->entries[(*at)++];
        if (e->key) {
            *value = e->value;
            return true;
        }
    }
    return false;
}
