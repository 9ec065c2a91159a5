/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/followers.h"

#include <uv.h>

#include "base/mem.h"
#include "orchestrator/store/store.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/past.h"
#include "tests/unit/orchestrator/scratch.h"

static struct past past;
static struct store *store;
static struct followers *followers;
static uv_loop_t loop;

struct seen {
    uint64_t first, last, n, at_once; /* numbers; how many; at most in one turn */
    uint64_t leave_at, name, skipped;
};

static void on_fact(void *arg, const struct fact *f)
{
    struct seen *s = arg;
    ASSERT(f->seq > s->last);
    ASSERT(f->sweep && (f->sweep[0] || !fact_kind_has_sweep(f->kind)));
    s->first = s->n++ ? s->first : f->seq;
    s->last = f->seq;
    s->at_once++;
    if (s->leave_at && s->n == s->leave_at)
        followers_remove(followers, s->name);
}

/* Adds facts to the store, and then lets the followers know, as the driver does. */
static void happen(int n)
{
    for (int i = 0; i < n; i++) {
        struct err err;
        const struct fact *f = past_next(&past);
        if (store_append(store, f, &err) < 0 || store_commit(store, &past.books, &err) < 0)
            FAIL("%s", err.text);
        books_sweep_out(&past.books);
        if (followers)
            followers_committed(followers, f, 1);
    }
}

static void begin(int facts)
{
    struct err err;
    past_init(&past, 5);
    if (store_open(scratch_dir(), true, &store, &err) < 0)
        FAIL("%s", err.text);
    happen(facts);
    ASSERT_EQ(uv_loop_init(&loop), 0);
    followers = followers_new(&loop, scratch_dir(), past.books.seq);
}

static void turn(struct seen *s)
{
    s->at_once = 0;
    uv_run(&loop, UV_RUN_NOWAIT);
    ASSERT(s->at_once <= FOLLOWERS_PAGE);
}

static void end(void)
{
    followers_close(followers);
    uv_run(&loop, UV_RUN_DEFAULT);
    followers_free(followers);
    ASSERT_EQ(uv_loop_close(&loop), 0);
    store_close(store);
    past_done(&past);
}

/* Facts that happen while the older ones are read come after them, once. */
TEST(followers_get_each_fact_once_and_in_order)
{
    struct seen all = {0}, some = {0}, future = {0};
    begin(1000);
    followers_add(followers, 0, on_fact, NULL, &all);
    followers_add(followers, 700, on_fact, NULL, &some);
    followers_add(followers, past.books.seq + 1, on_fact, NULL, &future);
    int turns = 0;
    for (; followers_are_reading(followers); turns++) {
        turn(&all);
        happen(10);
    }
    ASSERT(turns >= 1000 / FOLLOWERS_PAGE);
    happen(50);
    uint64_t live = 10 * (uint64_t)turns + 50;
    ASSERT_EQ(all.n, 1000 + live);
    ASSERT_EQ(all.last, past.books.seq);
    ASSERT_EQ(some.first, 700);
    ASSERT_EQ(some.n, past.books.seq - 699);
    ASSERT_EQ(future.n, live);
    ASSERT_EQ(future.last, past.books.seq);
    end();
}

TEST(followers_leave_when_they_like)
{
    struct seen early = {.leave_at = 300}, late = {.leave_at = 3}, stays = {0};
    begin(1000);
    early.name = followers_add(followers, 1, on_fact, NULL, &early);
    late.name = followers_add(followers, past.books.seq + 1, on_fact, NULL, &late);
    followers_add(followers, past.books.seq + 1, on_fact, NULL, &stays);
    while (followers_are_reading(followers))
        turn(&early);
    happen(20);
    ASSERT_EQ(early.n, 300);
    ASSERT_EQ(late.n, 3);
    ASSERT_EQ(stays.n, 20);
    end();
}

static bool has_room(void *arg)
{
    const struct seen *s = arg;
    return s->at_once < 10;
}

static void is_late(void *arg, uint64_t last)
{
    struct seen *s = arg;
    ASSERT(last > s->last && s->skipped == 0);
    s->skipped = last - s->last;
    s->last = last;
}

static const struct followers_pace slow = {has_room, is_late};

/* One that has no room gets the rest when it has some, and keeps nobody from reading. */
TEST(followers_wait_for_room)
{
    struct seen full = {0}, other = {0};
    begin(1000);
    followers_add(followers, 0, on_fact, &slow, &full);
    followers_add(followers, 0, on_fact, NULL, &other);
    while (uv_run(&loop, UV_RUN_NOWAIT)) /* until nobody has both facts to read and room */
        ;
    ASSERT_EQ(full.n, 10);
    ASSERT_EQ(other.n, 1000);
    ASSERT(followers_are_reading(followers));
    happen(5);
    ASSERT_EQ(full.n, 10);
    ASSERT_EQ(other.n, 1005);
    while (followers_are_reading(followers)) {
        full.at_once = 0;
        followers_wake(followers);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    ASSERT_EQ(full.n, 1005);
    ASSERT_EQ(full.last, past.books.seq);
    end();
}

/* Facts after number `seq`, which are not in the store. */
static void commit(uint64_t seq, size_t n)
{
    struct fact *f = mem_alloc(n * sizeof *f);
    for (size_t i = 0; i < n; i++)
        f[i] = (struct fact){.kind = FACT_METRICS, .sweep = "s", .seq = ++seq};
    followers_committed(followers, f, n);
    mem_free(f);
}

/* Nothing is folded while one reads, so one that has no room for long is told that facts are left out. */
TEST(followers_do_not_wait_for_room_for_ever)
{
    struct seen full = {0}, live = {0};
    const uint64_t before = 20, half = FOLLOWERS_LATE / 2;
    begin((int)before);
    followers_add(followers, 0, on_fact, &slow, &full);
    while (uv_run(&loop, UV_RUN_NOWAIT))
        ;
    ASSERT_EQ(full.n, 10);
    commit(before, half);
    followers_add(followers, before + half + 1, on_fact, &slow, &live);
    ASSERT(followers_are_reading(followers) && full.skipped == 0);
    commit(before + half, half);
    ASSERT(!followers_are_reading(followers));
    ASSERT_EQ(full.n, 10);
    ASSERT_EQ(full.skipped, before + 2 * half - 10);
    ASSERT_EQ(live.n, half); /* that it has no room is not asked */
    ASSERT_EQ(live.skipped, 0);
    commit(before + 2 * half, 1);
    ASSERT_EQ(full.n, 11);
    end();
}

/* In one turn, one of them reads. */
TEST(followers_read_in_turn)
{
    struct seen some[3] = {{0}};
    begin(1000);
    for (int i = 0; i < 3; i++)
        followers_add(followers, 0, on_fact, NULL, &some[i]);
    uint64_t before = 0;
    while (followers_are_reading(followers)) {
        uv_run(&loop, UV_RUN_NOWAIT);
        uint64_t n = some[0].n + some[1].n + some[2].n;
        ASSERT(n - before <= FOLLOWERS_PAGE);
        ASSERT(some[0].n <= some[2].n + 2 * FOLLOWERS_PAGE);
        before = n;
    }
    ASSERT_EQ(before, 3000);
    end();
}

/* One that asks for what is far in the future waits for it. */
TEST(followers_may_wait_for_a_number)
{
    struct seen s = {0};
    begin(10);
    followers_add(followers, past.books.seq + 6, on_fact, NULL, &s);
    ASSERT(!followers_are_reading(followers));
    happen(8);
    ASSERT_EQ(s.n, 3);
    end();
}
