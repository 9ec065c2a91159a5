/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/reasons/alert_book.h"

#include <string.h>

#include "base/mem.h"

void alert_book_init(struct alert_book *b)
{
    map_init(&b->entries);
}

static void entry_free(struct alert_book_entry *e)
{
    mem_free(e->key);
    mem_free(e->message);
    mem_free(e);
}

void alert_book_done(struct alert_book *b)
{
    void *value;
    for (size_t at = 0; map_next(&b->entries, &at, &value);)
        entry_free(value);
    map_done(&b->entries);
}

/* NULL: there is no room. */
static struct alert_book_entry *entry_get(struct alert_book *b, const char *key, int64_t now_ms)
{
    struct alert_book_entry *e = map_find(&b->entries, key, strlen(key));
    if (e || b->entries.live == ALERT_BOOK_MAX)
        return e;
    e = mem_alloc(sizeof *e);
    *e = (struct alert_book_entry){.key = mem_strdup(key), .first_ms = now_ms, .seen_ms = now_ms};
    map_put(&b->entries, key, strlen(key), e);
    return e;
}

bool alert_book_see(struct alert_book *b, const char *key, const char *message, int64_t hold_ms,
                    int64_t now_ms)
{
    struct alert_book_entry *e = entry_get(b, key, now_ms);
    if (!e)
        return false;
    if (now_ms - e->seen_ms > ALERT_BOOK_GAP_MS)
        e->first_ms = now_ms;
    e->seen_ms = now_ms;
    e->hold_ms = hold_ms;
    if (e->state == ALERT_BOOK_WAITS) {
        mem_free(e->message);
        e->message = mem_strdup(message);
    }
    return true;
}

bool alert_book_happen(struct alert_book *b, const char *key, const char *message, int64_t now_ms)
{
    size_t waiting = 0;
    void *value;
    for (size_t at = 0; map_next(&b->entries, &at, &value);)
        waiting += ((const struct alert_book_entry *)value)->once;
    struct alert_book_entry *e = waiting < ALERT_BOOK_ENDS_MAX ? entry_get(b, key, now_ms) : NULL;
    if (!e)
        return false;
    e->once = true;
    mem_free(e->message);
    e->message = mem_strdup(message);
    return true;
}

bool alert_book_is_told(const struct alert_book *b, const char *key)
{
    const struct alert_book_entry *e = map_find(&b->entries, key, strlen(key));
    return e && e->state != ALERT_BOOK_WAITS;
}

void alert_book_know(struct alert_book *b, const char *key, int64_t now_ms)
{
    struct alert_book_entry *e = entry_get(b, key, now_ms);
    if (e)
        e->state = ALERT_BOOK_TOLD;
}

void alert_book_end(struct alert_book *b, const char *key)
{
    struct alert_book_entry *e = map_find(&b->entries, key, strlen(key));
    if (e && !e->once)
        e->seen_ms = INT64_MIN / 2;
}

struct alert_book_entry *alert_book_next(const struct alert_book *b, int64_t now_ms)
{
    void *value;
    for (size_t at = 0; map_next(&b->entries, &at, &value);) {
        struct alert_book_entry *e = value;
        /* By when it was seen, not by the time that has passed: it may be over since. */
        bool lasts =
            e->seen_ms - e->first_ms >= e->hold_ms && now_ms - e->seen_ms <= ALERT_BOOK_STALE_MS;
        if (e->state == ALERT_BOOK_WAITS && (e->once || lasts))
            return e;
    }
    return NULL;
}

struct alert_book_entry *alert_book_tell(struct alert_book *b, const char *message, size_t *at)
{
    void *value;
    while (map_next(&b->entries, at, &value)) {
        struct alert_book_entry *e = value;
        if (e->state != ALERT_BOOK_WAITS || strcmp(e->message, message) != 0)
            continue;
        e->state = ALERT_BOOK_BEING_TOLD;
        return e;
    }
    return NULL;
}

void alert_book_told(struct alert_book *b)
{
    void *value;
    for (size_t at = 0; map_next(&b->entries, &at, &value);) {
        struct alert_book_entry *e = value;
        if (e->state != ALERT_BOOK_BEING_TOLD)
            continue;
        e->state = ALERT_BOOK_TOLD;
        mem_free(e->message);
        e->message = NULL;
        if (!e->once)
            continue;
        map_remove(&b->entries, e->key, strlen(e->key));
        entry_free(e);
    }
}

char *alert_book_over(struct alert_book *b, int64_t now_ms)
{
    void *value;
    for (size_t at = 0; map_next(&b->entries, &at, &value);) {
        struct alert_book_entry *e = value;
        int64_t gone_ms = now_ms - e->seen_ms;
        bool told = e->state == ALERT_BOOK_TOLD && gone_ms > ALERT_BOOK_GONE_MS;
        bool stale = e->state == ALERT_BOOK_WAITS && !e->once && gone_ms > ALERT_BOOK_STALE_MS;
        if (!told && !stale)
            continue;
        char *key = e->key;
        map_remove(&b->entries, key, strlen(key));
        e->key = NULL;
        entry_free(e);
        if (told)
            return key;
        mem_free(key);
    }
    return NULL;
}
