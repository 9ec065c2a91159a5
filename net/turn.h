/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a shell drives its core: events are queued as they happen, and `run` steps the core through
 * them once in each turn of the loop in which some are queued. The data of events lives in the
 * turn's arena, which is cleared when the queue is empty. After each run, one timer is set to the
 * core's deadline. Knows no core: an event is some bytes of one fixed size. */
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>
#include "base/arena.h"

struct turn_handler {
    size_t event_bytes;
    void (*run)(void *arg);         /* takes what is queued by turn_next; may queue more */
    int64_t (*deadline)(void *arg); /* when `due` is wanted, as uv_now; INT64_MAX: never */
    void (*due)(void *arg);         /* the deadline has passed: queues a tick */
    void *arg;
};

struct turn {
    struct turn_handler handler;
    uv_idle_t work;
    uv_timer_t timer;
    struct arena arena; /* for the data of queued events */
    char *queue;
    size_t queued, taken, cap;
    bool closing;
};

void turn_init(struct turn *t, uv_loop_t *loop, const struct turn_handler *handler);
/* Queues one event, zeroed, for the caller to fill in; valid until the next call on t. */
void *turn_add(struct turn *t);
/* Copies the oldest queued event out and removes it; false if none is queued. */
bool turn_next(struct turn *t, void *ret_event);
bool turn_is_empty(const struct turn *t);
int64_t turn_now_ms(const struct turn *t); /* steady clock, read once a turn of the loop */
int64_t turn_wall_ms(void);                /* since 1970: only for records */
void turn_close(struct turn *t);           /* `run` and `due` are not called any more */
void turn_done(struct turn *t); /* frees its memory, after the loop has closed its handles */
