/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/turn.h"

#include "tests/test.h"

enum { EVENTS = 1000 };

struct counter {
    uv_loop_t loop;
    struct turn turn;
    uint64_t next, taken[3 * EVENTS];
    size_t runs, n, ticks;
    size_t more; /* how many events `run` queues itself */
    int64_t deadline;
};

static void counter_add(struct counter *c)
{
    uint64_t *event = turn_add(&c->turn);
    ASSERT_EQ(*event, 0);
    *event = ++c->next;
    arena_strdup(&c->turn.arena, "what the event points to");
}

static void counter_run(void *arg)
{
    struct counter *c = arg;
    uint64_t event;
    c->runs++;
    while (turn_next(&c->turn, &event)) {
        c->taken[c->n++] = event;
        for (; c->more > 0; c->more--)
            counter_add(c);
    }
}

static int64_t counter_deadline(void *arg)
{
    const struct counter *c = arg;
    return c->deadline;
}

static void counter_due(void *arg)
{
    struct counter *c = arg;
    c->ticks++;
    c->deadline = INT64_MAX;
    counter_add(c);
}

static void counter_start(struct counter *c)
{
    struct turn_handler handler = {sizeof(uint64_t), counter_run, counter_deadline, counter_due, c};
    *c = (struct counter){.deadline = INT64_MAX};
    ASSERT_EQ(uv_loop_init(&c->loop), 0);
    turn_init(&c->turn, &c->loop, &handler);
}

static void counter_stop(struct counter *c)
{
    turn_close(&c->turn);
    turn_close(&c->turn);
    uv_run(&c->loop, UV_RUN_DEFAULT);
    turn_done(&c->turn);
    ASSERT_EQ(uv_loop_close(&c->loop), 0);
}

TEST(turn_runs_once_for_all_that_is_queued_in_order)
{
    static struct counter c;
    counter_start(&c);
    for (int i = 0; i < EVENTS; i++)
        counter_add(&c);
    c.more = EVENTS;
    uv_run(&c.loop, UV_RUN_DEFAULT);
    ASSERT_EQ(c.runs, 1);
    ASSERT_EQ(c.n, 2 * EVENTS);
    for (size_t i = 0; i < c.n; i++)
        ASSERT_EQ(c.taken[i], i + 1);
    ASSERT(turn_is_empty(&c.turn));
    ASSERT_EQ(c.turn.arena.bytes, 0);
    counter_stop(&c);
}

TEST(turn_ticks_at_the_deadline)
{
    static struct counter c;
    counter_start(&c);
    counter_add(&c);
    c.deadline = turn_now_ms(&c.turn) + 5;
    uv_run(&c.loop, UV_RUN_DEFAULT);
    ASSERT_EQ(c.ticks, 1);
    ASSERT_EQ(c.runs, 2);
    ASSERT(turn_now_ms(&c.turn) >= 5);
    counter_stop(&c);
}

TEST(turn_closed_runs_nothing)
{
    static struct counter c;
    counter_start(&c);
    counter_add(&c);
    turn_close(&c.turn);
    counter_add(&c);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    ASSERT_EQ(c.runs, 0);
    counter_stop(&c);
}

/* What a run leaves in the queue is there in the next turn, and so is what it points to. */
static void leaving_run(void *arg)
{
    struct counter *c = arg;
    uint64_t event;
    size_t bytes = c->turn.arena.bytes;
    ASSERT(bytes > 0);
    c->runs++;
    ASSERT(turn_next(&c->turn, &event));
    c->taken[c->n++] = event;
}

TEST(turn_keeps_what_a_run_leaves)
{
    static struct counter c;
    counter_start(&c);
    c.turn.handler.run = leaving_run;
    for (int i = 0; i < 3; i++)
        counter_add(&c);
    uv_run(&c.loop, UV_RUN_DEFAULT);
    ASSERT_EQ(c.runs, 3);
    ASSERT_EQ(c.taken[2], 3);
    ASSERT_EQ(c.turn.arena.bytes, 0);
    counter_stop(&c);
}
