/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/schedule.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

/* An agent may say anything: 30 years. */
#define RUN_MS_MAX ((int64_t)1 << 40)

static const struct schedule_sweep *sweep_of(const struct heap_item *item)
{
    return (const struct schedule_sweep *)((const char *)item -
                                           offsetof(struct schedule_sweep, turn));
}

static bool sweep_comes_first(const struct heap_item *a, const struct heap_item *b)
{
    const struct schedule_sweep *x = sweep_of(a), *y = sweep_of(b);
    double left = (double)(x->running + x->size) * y->weight;
    double right = (double)(y->running + y->size) * x->weight;
    if (x->priority != y->priority)
        /* MUTANT priority: x->priority > y->priority => x->priority < y->priority */
        return x->priority > y->priority;
    /* MUTANT share: left < right => left > right */
    return left < right || (left <= right && x->order < y->order);
}

static struct schedule_sweep *sweep_of_deadline(const struct heap_item *item)
{
    return (struct schedule_sweep *)((char *)(uintptr_t)item -
                                     offsetof(struct schedule_sweep, deadline));
}

static bool deadline_comes_first(const struct heap_item *a, const struct heap_item *b)
{
    return sweep_of_deadline(a)->deadline_ms < sweep_of_deadline(b)->deadline_ms;
}

void schedule_init(struct schedule *s)
{
    *s = (struct schedule){0};
    map_init(&s->sweeps);
    heap_init(&s->turns, sweep_comes_first);
    heap_init(&s->deadlines, deadline_comes_first);
    s->ended_end = &s->ended;
}

static void sweep_free(struct schedule_sweep *sweep)
{
    arena_done(&sweep->barred_kept);
    mem_free(sweep);
}

void schedule_done(struct schedule *s)
{
    void *sweep;
    for (size_t at = 0; map_next(&s->sweeps, &at, &sweep);) {
        schedule_drop_ready(sweep);
        sweep_free(sweep);
    }
    map_done(&s->sweeps);
    heap_done(&s->turns);
    heap_done(&s->deadlines);
}

struct schedule_sweep *schedule_find(const struct schedule *s, const char *id)
{
    return map_find(&s->sweeps, id, strlen(id));
}

struct schedule_sweep *schedule_add(struct schedule *s, const char *id)
{
    struct schedule_sweep *sweep = mem_alloc(sizeof *sweep);
    size_t len = strlen(id);
    PRE(len < sizeof sweep->id);
    memcpy(sweep->id, id, len + 1);
    sweep->order = s->order++;
    sweep->size = 1;
    sweep->ready_end = &sweep->ready;
    arena_init(&sweep->barred_kept);
    void *old = map_put(&s->sweeps, id, len, sweep);
    POST(!old);
    return sweep;
}

void schedule_note_run(struct schedule_sweep *sweep, int64_t ran_ms)
{
    int64_t ran = ran_ms < 0 ? 0 : ran_ms > RUN_MS_MAX ? RUN_MS_MAX : ran_ms;
    sweep->trial_ms = sweep->trial_ms ? (3 * sweep->trial_ms + ran) / 4 : ran;
}

void schedule_touch(struct schedule *s, struct schedule_sweep *sweep)
{
    if (sweep->touched)
        return;
    sweep->touched = true;
    sweep->next_touched = s->touched;
    s->touched = sweep;
}

void schedule_touch_all(struct schedule *s)
{
    void *sweep;
    for (size_t at = 0; map_next(&s->sweeps, &at, &sweep);)
        schedule_touch(s, sweep);
}

struct schedule_sweep *schedule_next_touched(struct schedule *s)
{
    struct schedule_sweep *sweep = s->touched;
    if (!sweep)
        return NULL;
    s->touched = sweep->next_touched;
    sweep->touched = false;
    return sweep;
}

void schedule_place(struct schedule *s, struct schedule_sweep *sweep, const struct book_sweep *book,
                    bool waits)
{
    if (!waits) {
        heap_remove(&s->turns, &sweep->turn);
        return;
    }
    sweep->running = sweep->slots;
    sweep->priority = book->spec->priority;
    sweep->weight = book->spec->weight;
    heap_put(&s->turns, &sweep->turn);
}

struct schedule_sweep *schedule_first(const struct schedule *s)
{
    struct heap_item *first = heap_first(&s->turns);
    return first ? (struct schedule_sweep *)((char *)first - offsetof(struct schedule_sweep, turn))
                 : NULL;
}

static void schedule_list_aside(struct schedule *s, struct schedule_sweep *sweep)
{
    if (sweep->aside)
        return;
    sweep->aside = true;
    sweep->next_aside = s->aside;
    s->aside = sweep;
}

void schedule_reserve(struct schedule *s, struct schedule_sweep *sweep, uint64_t most)
{
    schedule_list_aside(s, sweep);
    sweep->running += sweep->size;
    if (++sweep->reserved < most)
        heap_put(&s->turns, &sweep->turn);
    else
        heap_remove(&s->turns, &sweep->turn);
}

void schedule_set_aside(struct schedule *s, struct schedule_sweep *sweep)
{
    schedule_list_aside(s, sweep);
    heap_remove(&s->turns, &sweep->turn);
}

struct schedule_sweep *schedule_next_aside(struct schedule *s)
{
    struct schedule_sweep *sweep = s->aside;
    if (!sweep)
        return NULL;
    s->aside = sweep->next_aside;
    sweep->aside = false;
    sweep->reserved = 0;
    return sweep;
}

void schedule_set_deadline(struct schedule *s, struct schedule_sweep *sweep, int64_t deadline_ms)
{
    sweep->deadline_ms = deadline_ms;
    if (deadline_ms == INT64_MAX)
        heap_remove(&s->deadlines, &sweep->deadline);
    else
        heap_put(&s->deadlines, &sweep->deadline);
}

struct schedule_sweep *schedule_first_deadline(const struct schedule *s)
{
    const struct heap_item *first = heap_first(&s->deadlines);
    return first ? sweep_of_deadline(first) : NULL;
}

void schedule_end(struct schedule *s, struct schedule_sweep *sweep, int64_t now_ms)
{
    heap_remove(&s->turns, &sweep->turn);
    heap_remove(&s->deadlines, &sweep->deadline);
    schedule_drop_ready(sweep);
    sweep->stale = sweep->asked > 0;
    if (sweep->ended)
        return;
    sweep->ended = true;
    sweep->ended_ms = now_ms;
    *s->ended_end = sweep;
    s->ended_end = &sweep->next_ended;
}

struct schedule_sweep *schedule_first_ended(const struct schedule *s)
{
    return s->ended;
}

void schedule_revive(struct schedule *s, struct schedule_sweep *sweep)
{
    struct schedule_sweep **at = &s->ended;
    sweep->exhausted = sweep->spent = false;
    if (!sweep->ended)
        return;
    while (*at != sweep)
        at = &(*at)->next_ended;
    *at = sweep->next_ended;
    if (!*at)
        s->ended_end = at;
    sweep->ended = false;
    sweep->next_ended = NULL;
}

void schedule_drop_ended(struct schedule *s)
{
    struct schedule_sweep *sweep = s->ended;
    PRE(sweep && !sweep->touched);
    s->ended = sweep->next_ended;
    if (!s->ended)
        s->ended_end = &s->ended;
    map_remove(&s->sweeps, sweep->id, strlen(sweep->id));
    sweep_free(sweep);
}

void schedule_keep(struct schedule_sweep *sweep, uint64_t cursor, uint64_t known,
                   const struct value *params, const struct value *why)
{
    struct schedule_proposal *p = mem_alloc(sizeof *p);
    arena_init(&p->arena);
    p->cursor = cursor;
    p->known = known;
    p->params = value_copy(&p->arena, params);
    p->why = why ? value_copy(&p->arena, why) : NULL;
    *sweep->ready_end = p;
    sweep->ready_end = &p->next;
    sweep->ready_n++;
}

struct schedule_proposal *schedule_take(struct schedule_sweep *sweep)
{
    struct schedule_proposal *p = sweep->ready;
    PRE(p);
    sweep->ready = p->next;
    if (!sweep->ready)
        sweep->ready_end = &sweep->ready;
    sweep->ready_n--;
    return p;
}

void schedule_proposal_free(struct schedule_proposal *p)
{
    arena_done(&p->arena);
    mem_free(p);
}

void schedule_drop_ready(struct schedule_sweep *sweep)
{
    while (sweep->ready)
        schedule_proposal_free(schedule_take(sweep));
}
