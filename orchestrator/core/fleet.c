/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

#define AGENT_OF(item, member) \
    ((struct fleet_agent *)((char *)(item)-offsetof(struct fleet_agent, member)))

static bool fleet_has_more_room(const struct heap_item *a, const struct heap_item *b)
{
    const struct fleet_agent *x = AGENT_OF(a, room), *y = AGENT_OF(b, room);
    uint64_t left = (uint64_t)x->free_n * y->offered, right = (uint64_t)y->free_n * x->offered;
    return left != right ? left > right : x->joined < y->joined;
}

static bool fleet_is_away_longer(const struct heap_item *a, const struct heap_item *b)
{
    const struct fleet_agent *x = AGENT_OF(a, away), *y = AGENT_OF(b, away);
    return x->away_ms != y->away_ms ? x->away_ms < y->away_ms : x->joined < y->joined;
}

void fleet_init(struct fleet *f)
{
    *f = (struct fleet){0};
    map_init(&f->names);
    map_init(&f->links);
    heap_init(&f->room, fleet_has_more_room);
    heap_init(&f->away, fleet_is_away_longer);
}

static void fleet_agent_free(struct fleet_agent *a)
{
    map_done(&a->told);
    arena_done(&a->kept);
    mem_free(a->slots);
    mem_free(a);
}

void fleet_done(struct fleet *f)
{
    void *agent;
    for (size_t at = 0; map_next(&f->names, &at, &agent);)
        fleet_agent_free(agent);
    map_done(&f->names);
    map_done(&f->links);
    heap_done(&f->room);
    heap_done(&f->away);
}

struct fleet_agent *fleet_find(const struct fleet *f, const char *name)
{
    return map_find(&f->names, name, strlen(name));
}

struct fleet_agent *fleet_of_link(const struct fleet *f, uint32_t link)
{
    return map_find(&f->links, &link, sizeof link);
}

struct fleet_agent *fleet_agent(struct fleet *f, const char *name, int64_t away_ms)
{
    struct fleet_agent *a = fleet_find(f, name);
    size_t len = strlen(name);
    if (a)
        return a;
    a = mem_alloc(sizeof *a);
    PRE(len < sizeof a->name);
    memcpy(a->name, name, len + 1);
    a->joined = ++f->joined;
    a->away_ms = away_ms;
    map_init(&a->told);
    arena_init(&a->kept);
    a->offers = value_list(&a->kept);
    map_put(&f->names, name, len, a);
    heap_put(&f->away, &a->away);
    return a;
}

static void fleet_order_room(struct fleet *f, struct fleet_agent *a)
{
    f->slots_n -= a->counted_slots;
    f->free_n -= a->counted_free;
    a->counted_slots = a->link ? a->offered : 0;
    a->counted_free = a->link ? a->free_n : 0;
    f->slots_n += a->counted_slots;
    f->free_n += a->counted_free;
    if (a->link && a->free_n)
        heap_put(&f->room, &a->room);
    else
        heap_remove(&f->room, &a->room);
}

static void fleet_count_free(struct fleet_agent *a)
{
    a->offered = a->free_n = 0;
    for (uint32_t i = 0; i < a->offers->list.n; i++) {
        bool offered = fleet_is_offered(a, i);
        a->offered += offered;
        a->free_n += offered && fleet_is_free(a, i);
    }
}

static void fleet_unlink(struct fleet *f, struct fleet_agent *a)
{
    if (a->link)
        map_remove(&f->links, &a->link, sizeof a->link);
    a->link = 0;
    map_done(&a->told);
    map_init(&a->told);
}

void fleet_join(struct fleet *f, struct fleet_agent *a, uint32_t link, uint64_t instance,
                const struct value *offers)
{
    PRE(link);
    fleet_unlink(f, a);
    a->link = link;
    a->instance = instance;
    void *other = map_put(&f->links, &a->link, sizeof a->link, a);
    POST(!other);
    heap_remove(&f->away, &a->away);
    fleet_offer(f, a, offers);
}

void fleet_offer(struct fleet *f, struct fleet_agent *a, const struct value *offers)
{
    PRE(a->link && offers->kind == VALUE_LIST && offers->list.n <= LIMIT_SLOTS);
    arena_clear(&a->kept);
    a->offers = value_copy(&a->kept, offers);
    fleet_count_free(a);
    fleet_order_room(f, a);
}

void fleet_leave(struct fleet *f, struct fleet_agent *a, int64_t away_ms)
{
    fleet_unlink(f, a);
    a->away_ms = away_ms;
    heap_put(&f->away, &a->away);
    fleet_order_room(f, a);
}

void fleet_drop(struct fleet *f, struct fleet_agent *a)
{
    PRE(a->link == 0 && a->taken_n == 0);
    heap_remove(&f->away, &a->away);
    map_remove(&f->names, a->name, strlen(a->name));
    fleet_agent_free(a);
}

bool fleet_is_offered(const struct fleet_agent *a, uint32_t slot)
{
    return slot < a->offers->list.n && !value_get(a->offers->list.items[slot], "why");
}

bool fleet_is_free(const struct fleet_agent *a, uint32_t slot)
{
    return slot < LIMIT_SLOTS && (slot >= a->slots_n || !a->slots[slot].sweep[0]);
}

void fleet_take(struct fleet *f, struct fleet_agent *a, uint32_t slot, const char *sweep,
                uint64_t trial)
{
    size_t len = strlen(sweep);
    PRE(fleet_is_free(a, slot) && len > 0 && len < sizeof a->slots->sweep);
    if (slot >= a->slots_n) {
        a->slots = mem_grow(a->slots, &a->slots_cap, slot + 1, sizeof *a->slots);
        memset(a->slots + a->slots_n, 0, (slot + 1 - a->slots_n) * sizeof *a->slots);
        a->slots_n = slot + 1;
    }
    memcpy(a->slots[slot].sweep, sweep, len + 1);
    a->slots[slot].trial = trial;
    a->taken_n++;
    a->free_n -= fleet_is_offered(a, slot);
    fleet_order_room(f, a);
}

void fleet_free(struct fleet *f, struct fleet_agent *a, uint32_t slot)
{
    PRE(slot < a->slots_n && a->slots[slot].sweep[0]);
    a->slots[slot] = (struct fleet_slot){0};
    a->taken_n--;
    a->free_n += fleet_is_offered(a, slot);
    fleet_order_room(f, a);
}

struct fleet_agent *fleet_with_room(const struct fleet *f)
{
    struct heap_item *first = heap_first(&f->room);
    return first ? AGENT_OF(first, room) : NULL;
}

uint32_t fleet_free_slot(const struct fleet_agent *a)
{
    uint32_t slot = 0;
    PRE(a->free_n > 0);
    /* MUTANT slot-choice: !fleet_is_free(a, slot) => false */
    while (!fleet_is_free(a, slot) || !fleet_is_offered(a, slot))
        slot++;
    return slot;
}

struct fleet_agent *fleet_away(const struct fleet *f)
{
    struct heap_item *first = heap_first(&f->away);
    return first ? AGENT_OF(first, away) : NULL;
}

void fleet_tell_again(struct fleet_agent *a, const char *sweep)
{
    /* The sweep stays in the map, since the agent must also be told its end. A value other than the
     * agent marks the description as outdated. */
    if (map_find(&a->told, sweep, strlen(sweep)))
        map_put(&a->told, sweep, strlen(sweep), &a->told);
}
