/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether the peer of a connection is as fast as it must be: it sends what is awaited by a deadline, and
 * reads what is sent to it at a rate. Knows no socket and no protocol. */
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct pace {
    uv_timer_t timer;
    uint32_t rate_ms, rate; /* bytes a second, over a time of rate_ms */
    void (*due)(void *arg);
    void *arg;
    uint64_t read_due, write_due, timer_due; /* ms of the loop; 0: none */
    uint64_t written, window;                /* bytes; window: sent when write_due was set */
    bool closing;
};

/* due: something may be late, ask pace_is_late and pace_is_slow, then call pace_arm. */
void pace_init(struct pace *p, uv_loop_t *loop, uint32_t rate_ms, uint32_t rate,
               void (*due)(void *arg), void *arg);
void pace_arm(struct pace *p);
/* Something is awaited for so long; 0: nothing is. */
void pace_await(struct pace *p, uint32_t ms);
/* len bytes were written, and the stream has not sent `unsent` bytes yet: they must be read in time. */
void pace_wrote(struct pace *p, size_t len, size_t unsent);
void pace_sent(struct pace *p); /* all of it */
/* What was awaited has not come in time; true once. */
bool pace_is_late(struct pace *p);
/* Too little was read of what was written. */
bool pace_is_slow(struct pace *p, size_t unsent);
/* Calls fn(arg of pace_init) when the memory may be freed. */
void pace_close(struct pace *p, void (*fn)(void *arg));
