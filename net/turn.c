/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/turn.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"

void turn_init(struct turn *t, uv_loop_t *loop, const struct turn_handler *handler)
{
    *t = (struct turn){.handler = *handler};
    uv_idle_init(loop, &t->work); /* both always succeed */
    uv_timer_init(loop, &t->timer);
    t->work.data = t->timer.data = t;
    arena_init(&t->arena);
}

static void turn_on_timer(uv_timer_t *timer)
{
    struct turn *t = timer->data;
    t->handler.due(t->handler.arg);
}

static void turn_arm(struct turn *t)
{
    int64_t deadline = t->handler.deadline(t->handler.arg), now = turn_now_ms(t);
    if (deadline == INT64_MAX)
        uv_timer_stop(&t->timer);
    else
        uv_timer_start(&t->timer, turn_on_timer, deadline > now ? (uint64_t)(deadline - now) : 0,
                       0);
}

/* An idle handle keeps the loop from waiting for I/O while something is queued. */
static void turn_on_idle(uv_idle_t *idle)
{
    struct turn *t = idle->data;
    t->handler.run(t->handler.arg);
    if (t->closing)
        return;
    if (turn_is_empty(t)) {
        arena_clear(&t->arena);
        uv_idle_stop(&t->work);
    }
    turn_arm(t);
}

void *turn_add(struct turn *t)
{
    size_t bytes = t->handler.event_bytes;
    if (!t->closing)
        uv_idle_start(&t->work, turn_on_idle);
    t->queue = mem_grow(t->queue, &t->cap, t->queued + 1, bytes);
    return memset(t->queue + t->queued++ * bytes, 0, bytes);
}

bool turn_next(struct turn *t, void *ret_event)
{
    size_t bytes = t->handler.event_bytes;
    if (turn_is_empty(t))
        return false;
    memcpy(ret_event, t->queue + t->taken++ * bytes, bytes);
    if (t->taken == t->queued)
        t->taken = t->queued = 0;
    return true;
}

bool turn_is_empty(const struct turn *t)
{
    return t->queued == 0;
}

int64_t turn_now_ms(const struct turn *t)
{
    return (int64_t)uv_now(t->work.loop);
}

int64_t turn_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void turn_close(struct turn *t)
{
    if (t->closing)
        return;
    t->closing = true;
    uv_close((uv_handle_t *)&t->work, NULL);
    uv_close((uv_handle_t *)&t->timer, NULL);
}

void turn_done(struct turn *t)
{
    arena_done(&t->arena);
    mem_free(t->queue);
}
