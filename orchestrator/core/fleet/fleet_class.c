/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet_class.h"

#include <stddef.h>

#include "base/check.h"
#include "base/mem.h"

enum { NEAREST_TRIES = 32 };

struct fleet_seat {
    struct fleet_agent *agent;
    struct heap_item fits, waiting;
    uint64_t room;
    uint32_t lack; /* slots */
    bool able;
};

static struct fleet_seat *seat_of(const struct heap_item *item, size_t offset)
{
    return (struct fleet_seat *)((char *)(uintptr_t)item - offset);
}

static bool class_has_more_room(const struct heap_item *a, const struct heap_item *b)
{
    const struct fleet_agent *x = seat_of(a, offsetof(struct fleet_seat, fits))->agent;
    const struct fleet_agent *y = seat_of(b, offsetof(struct fleet_seat, fits))->agent;
    uint64_t left = (uint64_t)x->free_n * y->offered, right = (uint64_t)y->free_n * x->offered;
    return left != right ? left > right : x->joined < y->joined;
}

static bool class_lacks_less(const struct heap_item *a, const struct heap_item *b)
{
    const struct fleet_seat *x = seat_of(a, offsetof(struct fleet_seat, waiting));
    const struct fleet_seat *y = seat_of(b, offsetof(struct fleet_seat, waiting));
    return x->lack != y->lack ? x->lack < y->lack : x->agent->joined < y->agent->joined;
}

struct fleet_class *fleet_class_new(uint32_t number, const struct fleet_need *need)
{
    struct fleet_class *c = mem_alloc(sizeof *c);
    c->number = number;
    c->need = *need;
    arena_init(&c->kept);
    if (need->labels)
        c->need.labels = value_copy(&c->kept, need->labels);
    if (need->barred)
        c->need.barred = value_copy(&c->kept, need->barred);
    heap_init(&c->fits, class_has_more_room);
    heap_init(&c->waiting, class_lacks_less);
    return c;
}

void fleet_class_free(struct fleet_class *c)
{
    heap_done(&c->fits);
    heap_done(&c->waiting);
    arena_done(&c->kept);
    mem_free(c);
}

static struct fleet_seat *class_seat_of(const struct fleet_class *c, const struct fleet_agent *a)
{
    return c->number < a->seats_n ? a->seats[c->number] : NULL;
}

static struct fleet_seat *class_seat_new(struct fleet_class *c, struct fleet_agent *a)
{
    if (c->number >= a->seats_n) {
        size_t before = a->seats_n;
        a->seats = mem_grow(a->seats, &a->seats_cap, c->number + 1, sizeof(void *));
        for (size_t i = before; i <= c->number; i++)
            a->seats[i] = NULL;
        a->seats_n = c->number + 1;
    }
    struct fleet_seat *seat = mem_alloc(sizeof *seat);
    seat->agent = a;
    a->seats[c->number] = seat;
    return seat;
}

void fleet_class_seat(struct fleet_class *c, struct fleet_agent *a)
{
    struct fleet_seat *seat = class_seat_of(c, a);
    if (!seat)
        seat = class_seat_new(c, a);
    c->room_n -= seat->room;
    c->able_n -= seat->able;
    seat->able = fleet_agent_can_hold(a, &c->need);
    /* MUTANT held-agent: a->held_for[0] => false */
    seat->room = a->held_for[0] ? 0 : fleet_agent_room(a, &c->need);
    seat->lack = fleet_agent_lack(a, &c->need);
    c->room_n += seat->room;
    c->able_n += seat->able;
    if (seat->room > 0)
        heap_put(&c->fits, &seat->fits);
    else
        heap_remove(&c->fits, &seat->fits);
    /* Only where an agent may have to be kept for such a trial is the order of the others used. */
    if (seat->able && seat->room == 0 && !a->held_for[0] && !fleet_need_is_small(&c->need))
        heap_put(&c->waiting, &seat->waiting);
    else
        heap_remove(&c->waiting, &seat->waiting);
}

void fleet_class_leave(struct fleet_class *c, struct fleet_agent *a)
{
    struct fleet_seat *seat = class_seat_of(c, a);
    if (!seat)
        return;
    c->room_n -= seat->room;
    c->able_n -= seat->able;
    heap_remove(&c->fits, &seat->fits);
    heap_remove(&c->waiting, &seat->waiting);
    a->seats[c->number] = NULL;
    mem_free(seat);
}

struct fleet_agent *fleet_class_first(const struct fleet_class *c)
{
    struct heap_item *first = heap_first(&c->fits);
    return first ? seat_of(first, offsetof(struct fleet_seat, fits))->agent : NULL;
}

struct fleet_agent *fleet_class_other(struct fleet_class *c, const struct fleet_agent *than)
{
    struct fleet_agent *first = fleet_class_first(c);
    if (first != than)
        return first;
    struct fleet_seat *seat = class_seat_of(c, than);
    heap_remove(&c->fits, &seat->fits);
    first = fleet_class_first(c);
    heap_put(&c->fits, &seat->fits);
    return first;
}

static bool class_others_use(struct fleet_class *const *others, size_t n,
                             const struct fleet_agent *a)
{
    for (size_t i = 0; i < n; i++)
        if (class_seat_of(others[i], a)->able)
            return true;
    return false;
}

struct fleet_agent *fleet_class_nearest(struct fleet_class *c, struct fleet_class *const *others,
                                        size_t others_n)
{
    struct fleet_seat *passed[NEAREST_TRIES];
    struct fleet_agent *found = NULL;
    size_t n = 0;
    for (struct heap_item *first;
         !found && n < NEAREST_TRIES && (first = heap_first(&c->waiting));) {
        struct fleet_seat *seat = seat_of(first, offsetof(struct fleet_seat, waiting));
        if (class_others_use(others, others_n, seat->agent)) {
            heap_remove(&c->waiting, &seat->waiting);
            passed[n++] = seat;
        } else {
            found = seat->agent;
        }
    }
    while (n > 0)
        heap_put(&c->waiting, &passed[--n]->waiting);
    return found;
}
