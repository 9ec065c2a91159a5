/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/fleet/fleet.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

static struct fleet_agent *agent_of_away(const struct heap_item *item)
{
    return (struct fleet_agent *)((char *)(uintptr_t)item - offsetof(struct fleet_agent, away));
}

static bool fleet_is_away_longer(const struct heap_item *a, const struct heap_item *b)
{
    const struct fleet_agent *x = agent_of_away(a), *y = agent_of_away(b);
    return x->away_ms != y->away_ms ? x->away_ms < y->away_ms : x->joined < y->joined;
}

void fleet_init(struct fleet *f)
{
    *f = (struct fleet){0};
    map_init(&f->names);
    map_init(&f->links);
    map_init(&f->gone);
    map_init(&f->sizes);
    map_init(&f->held);
    heap_init(&f->away, fleet_is_away_longer);
    fleet_lines_init(&f->lines);
}

static void fleet_forget_agent(struct fleet *f, struct fleet_agent *a)
{
    for (size_t i = 0; i < f->classes_n; i++)
        if (f->classes[i])
            fleet_class_leave(f->classes[i], a);
    fleet_agent_free(a);
}

void fleet_done(struct fleet *f)
{
    void *agent;
    for (size_t at = 0; map_next(&f->names, &at, &agent);)
        fleet_forget_agent(f, agent);
    for (size_t at = 0; map_next(&f->gone, &at, &agent);)
        mem_free(agent);
    map_done(&f->gone);
    for (size_t i = 0; i < f->classes_n; i++)
        if (f->classes[i])
            fleet_class_free(f->classes[i]);
    mem_free(f->classes);
    mem_free(f->kept);
    map_done(&f->names);
    map_done(&f->links);
    map_done(&f->sizes);
    map_done(&f->held);
    heap_done(&f->away);
    fleet_lines_done(&f->lines);
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
    if (a)
        return a;
    a = fleet_agent_new(name, ++f->joined);
    a->away_ms = away_ms;
    struct fleet_gone *gone = map_remove(&f->gone, name, strlen(name));
    if (gone) {
        a->deaths = gone->deaths;
        a->deaths_own = gone->deaths_own;
        a->death_ms = gone->death_ms;
        mem_free(gone);
    }
    map_put(&f->names, name, strlen(name), a);
    heap_put(&f->away, &a->away);
    return a;
}

/* What the agent offers or runs has changed. */
static void fleet_order(struct fleet *f, struct fleet_agent *a)
{
    f->slots_n -= a->counted_slots;
    f->free_n -= a->counted_free;
    a->counted_slots = fleet_agent_is_open(a) ? a->offered : 0;
    a->counted_free = fleet_agent_is_open(a) ? a->free_n : 0;
    f->slots_n += a->counted_slots;
    f->free_n += a->counted_free;
    for (size_t i = 0; i < f->classes_n; i++)
        if (f->classes[i])
            fleet_class_seat(f->classes[i], a);
}

static void fleet_unlink(struct fleet *f, struct fleet_agent *a)
{
    if (a->link)
        map_remove(&f->links, &a->link, sizeof a->link);
    a->link = 0;
    map_done(&a->told);
    map_init(&a->told);
}

static void fleet_unhold(struct fleet *f, struct fleet_agent *a)
{
    if (a->held_for[0])
        map_remove(&f->held, a->held_for, strlen(a->held_for));
    memset(a->held_for, 0, sizeof a->held_for);
}

void fleet_join(struct fleet *f, struct fleet_agent *a, uint32_t link, uint64_t instance,
                const struct value *slots, const struct value *host)
{
    PRE(link);
    if (a->link != link) {
        fleet_unlink(f, a);
        a->link = link;
        void *other = map_put(&f->links, &a->link, sizeof a->link, a);
        POST(!other);
        heap_remove(&f->away, &a->away);
    } else { /* it forgets what it was told */
        map_done(&a->told);
        map_init(&a->told);
    }
    a->heard = true;
    a->instance = instance;
    fleet_agent_set_host(a, host);
    fleet_offer(f, a, slots);
}

void fleet_offer(struct fleet *f, struct fleet_agent *a, const struct value *slots)
{
    PRE(a->link);
    fleet_agent_set_slots(a, slots);
    if (a->held_for[0] && !fleet_agent_can_hold(a, &f->classes[a->held_class]->need))
        fleet_unhold(f, a);
    fleet_order(f, a);
}

void fleet_leave(struct fleet *f, struct fleet_agent *a, int64_t away_ms)
{
    fleet_unlink(f, a);
    fleet_unhold(f, a);
    a->away_ms = away_ms;
    heap_put(&f->away, &a->away);
    fleet_order(f, a);
}

void fleet_set_duty(struct fleet *f, struct fleet_agent *a, enum duty duty)
{
    if (duty == DUTY_UP && a->duty != DUTY_UP)
        a->deaths = a->deaths_own = a->died.n = 0;
    a->duty = duty;
    if (!fleet_agent_is_open(a))
        fleet_unhold(f, a);
    fleet_order(f, a);
}

void fleet_set_leaving(struct fleet *f, struct fleet_agent *a, bool leaving)
{
    a->leaving = leaving;
    fleet_set_duty(f, a, a->duty);
}

static void fleet_note_gone(struct fleet *f, const struct fleet_agent *a)
{
    void *oldest;
    size_t at = 0, len = strlen(a->name);
    struct fleet_gone *gone = mem_alloc(sizeof *gone);
    memcpy(gone->name, a->name, len + 1);
    gone->away_ms = a->away_ms;
    gone->deaths = a->deaths;
    gone->deaths_own = a->deaths_own;
    gone->death_ms = a->death_ms;
    mem_free(map_put(&f->gone, gone->name, len, gone));
    if (f->gone.live > FLEET_GONE_MAX && map_next(&f->gone, &at, &oldest)) {
        const char *first = ((struct fleet_gone *)oldest)->name;
        map_remove(&f->gone, first, strlen(first));
        mem_free(oldest);
    }
}

void fleet_drop(struct fleet *f, struct fleet_agent *a)
{
    PRE(a->link == 0 && a->taken_n == 0);
    fleet_note_gone(f, a);
    heap_remove(&f->away, &a->away);
    map_remove(&f->names, a->name, strlen(a->name));
    fleet_forget_agent(f, a);
}

void fleet_forget(struct fleet *f, const char *name)
{
    mem_free(map_remove(&f->gone, name, strlen(name)));
}

bool fleet_can_take(const struct fleet_agent *a, const struct grant *g)
{
    for (uint32_t i = 0; i < g->slots_n; i++)
        if (!fleet_agent_slot_is_free(a, g->slots[i]))
            return false;
    return true;
}

void fleet_take(struct fleet *f, struct fleet_agent *a, const char *sweep, uint64_t trial,
                const struct grant *g)
{
    fleet_agent_take(a, sweep, trial, g);
    fleet_order(f, a);
}

void fleet_free(struct fleet *f, struct fleet_agent *a, uint32_t slot)
{
    fleet_agent_drop(a, slot);
    fleet_order(f, a);
}

void fleet_keep(struct fleet *f, struct fleet_agent *a, const char *sweep, const struct grant *g)
{
    fleet_take(f, a, sweep, UINT64_MAX, g);
    f->kept = mem_grow(f->kept, &f->kept_cap, f->kept_n + 1, sizeof *f->kept);
    f->kept[f->kept_n++] = (struct fleet_kept){a, g->slots[0]};
}

void fleet_give_back(struct fleet *f)
{
    while (f->kept_n > 0) {
        const struct fleet_kept *last = &f->kept[--f->kept_n];
        fleet_free(f, last->agent, last->slot);
    }
}

struct fleet_class *fleet_class_of(struct fleet *f, const struct fleet_need *need)
{
    struct buf text;
    uint32_t number = 1;
    void *agent;
    buf_init(&text, SIZE_MAX);
    fleet_need_print(&text, need);
    struct fleet_class *c = map_find(&f->sizes, buf_str(&text), text.len);
    if (!c) {
        while (number < f->classes_n && f->classes[number])
            number++;
        if (number >= f->classes_n) {
            f->classes = mem_grow(f->classes, &f->classes_cap, number + 1, sizeof *f->classes);
            for (size_t i = f->classes_n; i <= number; i++)
                f->classes[i] = NULL;
            f->classes_n = number + 1;
        }
        c = f->classes[number] = fleet_class_new(number, need);
        map_put(&f->sizes, buf_str(&text), text.len, c);
        for (size_t at = 0; map_next(&f->names, &at, &agent);)
            fleet_class_seat(c, agent);
    }
    c->sweeps++;
    buf_done(&text);
    return c;
}

struct fleet_class *fleet_class_find(const struct fleet *f, uint32_t number)
{
    return number < f->classes_n ? f->classes[number] : NULL;
}

void fleet_class_drop(struct fleet *f, uint32_t number)
{
    struct fleet_class *c = fleet_class_find(f, number);
    struct buf text;
    void *agent;
    if (!c || --c->sweeps > 0)
        return;
    buf_init(&text, SIZE_MAX);
    fleet_need_print(&text, &c->need);
    map_remove(&f->sizes, buf_str(&text), text.len);
    buf_done(&text);
    for (size_t at = 0; map_next(&f->names, &at, &agent);)
        fleet_class_leave(c, agent);
    fleet_class_free(c);
    f->classes[number] = NULL;
}

void fleet_hold(struct fleet *f, struct fleet_agent *a, const char *sweep, uint32_t class)
{
    size_t len = strlen(sweep);
    PRE(!a->held_for[0] && len > 0 && len < sizeof a->held_for);
    memcpy(a->held_for, sweep, len + 1);
    a->held_class = class;
    void *other = map_put(&f->held, sweep, len, a);
    POST(!other);
    fleet_order(f, a);
}

struct fleet_agent *fleet_held(const struct fleet *f, const char *sweep)
{
    return map_find(&f->held, sweep, strlen(sweep));
}

void fleet_let_go(struct fleet *f, const char *sweep)
{
    struct fleet_agent *a = fleet_held(f, sweep);
    if (!a)
        return;
    fleet_unhold(f, a);
    fleet_order(f, a);
}

struct fleet_agent *fleet_away(const struct fleet *f)
{
    struct heap_item *first = heap_first(&f->away);
    return first ? agent_of_away(first) : NULL;
}

void fleet_tell_again(struct fleet_agent *a, const char *sweep)
{
    /* The sweep stays in the map, since the agent must also be told its end. A value other than the
     * agent marks the description as outdated. */
    if (map_find(&a->told, sweep, strlen(sweep)))
        map_put(&a->told, sweep, strlen(sweep), &a->told);
}
