/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pace.h"

static uint64_t pace_now(const struct pace *p)
{
    return uv_now(p->timer.loop);
}

static void pace_on_timer(uv_timer_t *timer)
{
    struct pace *p = timer->data;
    p->timer_due = 0;
    p->due(p->arg);
}

void pace_init(struct pace *p, uv_loop_t *loop, uint32_t rate_ms, uint32_t rate,
               void (*due)(void *arg), void *arg)
{
    *p = (struct pace){.rate_ms = rate_ms, .rate = rate, .due = due, .arg = arg};
    uv_timer_init(loop, &p->timer);
    p->timer.data = p;
}

void pace_arm(struct pace *p)
{
    uint64_t due = p->read_due, now = pace_now(p);
    if (due == 0 || (p->write_due != 0 && p->write_due < due))
        due = p->write_due;
    if (due == 0 || p->closing || (p->timer_due != 0 && p->timer_due <= due))
        return; /* a timer that is early finds out and is set again */
    p->timer_due = due;
    uv_timer_start(&p->timer, pace_on_timer, due > now ? due - now : 0, 0);
}

void pace_await(struct pace *p, uint32_t ms)
{
    p->read_due = ms > 0 ? pace_now(p) + ms : 0;
    pace_arm(p);
}

void pace_wrote(struct pace *p, size_t len, size_t unsent)
{
    p->written += len;
    if (p->write_due != 0 || unsent == 0)
        return;
    p->write_due = pace_now(p) + p->rate_ms;
    p->window = p->written - unsent;
    pace_arm(p);
}

void pace_sent(struct pace *p)
{
    p->write_due = 0;
}

bool pace_is_late(struct pace *p)
{
    if (p->read_due == 0 || p->read_due > pace_now(p))
        return false;
    p->read_due = 0;
    return true;
}

bool pace_is_slow(struct pace *p, size_t unsent)
{
    uint64_t now = pace_now(p), sent = p->written - unsent;
    if (p->write_due == 0 || p->write_due > now)
        return false;
    if (unsent == 0) {
        p->write_due = 0;
        return false;
    }
    if (sent - p->window < (uint64_t)p->rate * p->rate_ms / 1000)
        return true;
    p->window = sent;
    p->write_due = now + p->rate_ms;
    return false;
}

static void pace_on_close(uv_handle_t *handle)
{
    struct pace *p = handle->data;
    p->due(p->arg);
}

void pace_close(struct pace *p, void (*fn)(void *arg))
{
    p->closing = true;
    p->due = fn;
    uv_close((uv_handle_t *)&p->timer, pace_on_close);
}
