/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/gpu/gpu_pool.h"

#include "base/number/rng.h"
#include "tests/test.h"

enum { GPUS = 4, OTHER = 9000, GONE = 8000, FOUND = 7000, RECENT_MS = 20 };
#define GIB (1ll << 30)

/* A host. The process of a trial on slot n has the pid n + 1. */
static struct world {
    struct gpu_reading reading;
    struct gpu_pool pool;
    bool taken[64];
    bool locked_elsewhere[GPUS];
    int64_t now;
} w;

static void owner_of(void *arg, int64_t pid, const char *uuid, struct gpu_pool_owner *ret)
{
    (void)arg;
    ret->owner = pid >= OTHER   ? GPU_OWNER_OTHER
                 : pid >= GONE  ? GPU_OWNER_GONE
                 : pid >= FOUND ? GPU_OWNER_FOUND
                                : GPU_OWNER_OTHER;
    if (pid < FOUND && strcmp(gpu_pool_gpu_of(&w.pool, (uint32_t)pid - 1)->last.uuid, uuid) == 0)
        ret->owner = GPU_OWNER_TRIAL;
    if (pid == OTHER)
        snprintf(ret->name, sizeof ret->name, "python");
}

static bool is_taken(void *arg, uint32_t slot)
{
    (void)arg;
    return w.taken[slot];
}

static bool is_held(void *arg, const char *uuid)
{
    (void)arg;
    for (uint32_t i = 0; i < w.pool.slots_n; i++)
        if (w.taken[i] && strcmp(gpu_pool_gpu_of(&w.pool, i)->last.uuid, uuid) == 0)
            return true;
    return false;
}

static bool lock(void *arg, const char *uuid)
{
    (void)arg;
    return !w.locked_elsewhere[uuid[4] - 'a'];
}

static const struct gpu_pool_questions questions = {owner_of, is_taken, is_held, lock, NULL};

static void look(void)
{
    w.now += 10;
    gpu_pool_look(&w.pool, &w.reading, NULL, w.now, &questions);
}

static void silence(void)
{
    w.now += 10;
    gpu_pool_look(&w.pool, NULL, "silent", w.now, &questions);
}

static void begin(size_t gpus, uint32_t slots, uint32_t per_gpu)
{
    struct gpu_choice all = {.n = gpus};
    const struct gpu_pool_options options = {slots, per_gpu, GPU_POOL_OTHERS_BYTES, RECENT_MS};
    memset(&w, 0, sizeof w);
    for (size_t i = 0; i < gpus; i++) {
        struct gpu *g = gpu_reading_add(&w.reading, "nvidia");
        snprintf(g->uuid, sizeof g->uuid, "GPU-%c", (char)('a' + i));
        snprintf(g->index, sizeof g->index, "%zu", i);
        g->memory_total = 80 * GIB;
        g->memory_used = 0;
        all.gpus[i] = (uint16_t)i;
    }
    gpu_pool_init(&w.pool, &w.reading, &all, &options);
}

static void process(size_t gpu, int64_t pid, int64_t memory)
{
    struct gpu *g = &w.reading.gpus[gpu];
    g->processes[g->processes_n++] = (struct gpu_process){pid, memory};
    g->memory_used += memory > 0 ? memory : 0;
}

static void clear(size_t gpu)
{
    w.reading.gpus[gpu].processes_n = 0;
    w.reading.gpus[gpu].memory_used = 0;
}

static const char *why(uint32_t slot)
{
    return w.pool.slots[slot].offered ? "" : w.pool.slots[slot].why;
}

TEST(pool_offers_one_slot_for_each_gpu)
{
    struct arena a;
    arena_init(&a);
    begin(2, 0, 1);
    ASSERT_EQ(w.pool.slots_n, 2);
    ASSERT_STR(value_get_str(gpu_pool_offers(&w.pool, &a)->list.items[0], "why", ""),
               "not looked at yet");
    look();
    const struct value *second = gpu_pool_offers(&w.pool, &a)->list.items[1];
    ASSERT_STR(value_get(second, "gpus")->list.items[0]->s.ptr, "GPU-b");
    ASSERT_STR(value_get_str(second, "index", ""), "1");
    ASSERT(!value_get(second, "why") && !value_get(second, "share"));
    arena_done(&a);
    gpu_pool_done(&w.pool);
}

TEST(pool_offers_a_used_gpu_after_two_free_looks)
{
    begin(1, 0, 1);
    look();
    ASSERT_STR(why(0), "");
    process(0, OTHER, GIB);
    look();
    ASSERT_STR(why(0), "in use by process 9000 (python)");
    clear(0);
    look();
    ASSERT_STR(why(0), "it was in use, and is offered if it is free next time too");
    process(0, OTHER + 1, GIB);
    look();
    ASSERT_STR(why(0), "in use by process 9001");
    clear(0);
    look();
    ASSERT(!w.pool.slots[0].offered);
    look();
    ASSERT_STR(why(0), "");
    gpu_pool_done(&w.pool);
}

TEST(pool_subtracts_the_memory_of_its_own_trials)
{
    begin(1, 0, 2);
    w.taken[0] = true;
    process(0, 1, 60 * GIB);
    w.reading.gpus[0].memory_used += 500ll << 20;
    look();
    ASSERT_STR(why(1), ""); /* the second slot of the GPU */
    w.reading.gpus[0].memory_used += 3 * GIB;
    look(); /* a trial may have started after its processes were listed */
    ASSERT_STR(why(1), "");
    look();
    ASSERT_STR(why(1), "3.5 GiB of its memory are taken by others");
    gpu_pool_done(&w.pool);
}

TEST(pool_takes_memory_without_processes_for_use)
{
    begin(1, 0, 1);
    w.reading.gpus[0].memory_used = 512ll << 20;
    look();
    ASSERT_STR(why(0), "");
    w.reading.gpus[0].memory_used = 513ll << 20;
    look();
    ASSERT_STR(why(0), "0.5 GiB of its memory are taken by others");
    gpu_pool_done(&w.pool);
}

TEST(pool_knows_a_trial_on_the_wrong_gpu)
{
    begin(2, 0, 1);
    w.taken[0] = true;
    process(1, 1, GIB);
    look();
    ASSERT_STR(why(1), "in use by process 1");
    clear(1);
    process(1, FOUND, GIB);
    look();
    ASSERT_STR(why(1), "in use by a trial that an earlier run left");
    gpu_pool_done(&w.pool);
}

TEST(pool_forgives_processes_that_ended_with_their_trial)
{
    begin(1, 0, 1);
    gpu_pool_take(&w.pool, "GPU-a", 0);
    process(0, GONE, GIB);
    look();
    ASSERT_STR(why(0), "");
    look();
    look(); /* nobody of ours was there for so long */
    ASSERT_STR(why(0), "in use by process 8000");
    gpu_pool_done(&w.pool);
}

TEST(pool_quarantines_a_gpu_that_fails)
{
    static const char *const faults[] = {"Xid 79", "", ""};
    static const char *const said[] = {"quarantined: Xid 79",
                                       "quarantined: 2 uncorrected memory errors (ECC)",
                                       "quarantined: the driver does not list it any longer"};
    begin(3, 0, 1);
    w.reading.gpus[1].ecc = 5;
    w.pool.gpus[1].ecc = 5;
    look();
    snprintf(w.reading.gpus[0].fault, sizeof w.reading.gpus[0].fault, "%s", faults[0]);
    w.reading.gpus[1].ecc = 7;
    w.reading.n = 2;
    look();
    for (uint32_t i = 0; i < 3; i++)
        ASSERT_STR(why(i), said[i]);
    w.reading.gpus[0].fault[0] = '\0'; /* the driver recovered: nobody knows for how long */
    w.reading.n = 3;
    silence();
    ASSERT_STR(why(2), said[2]);
    look();
    ASSERT_STR(why(0), said[0]);
    ASSERT_STR(gpu_pool_fault(&w.pool, "GPU-a"), "Xid 79");
    ASSERT(gpu_pool_release(&w.pool, "GPU-a") && !gpu_pool_release(&w.pool, "GPU-a"));
    look();
    ASSERT_STR(why(0), "");
    gpu_pool_quarantine(&w.pool, "GPU-a", "a process cannot be killed");
    look();
    ASSERT_STR(why(0), "quarantined: a process cannot be killed");
    gpu_pool_done(&w.pool);
}

TEST(pool_offers_nothing_while_the_driver_is_silent)
{
    begin(2, 0, 1);
    look();
    silence();
    ASSERT_STR(why(0), "silent");
    ASSERT_STR(why(1), "silent");
    look();
    ASSERT_STR(why(0), "");
    gpu_pool_done(&w.pool);
}

TEST(pool_replaces_a_gpu_that_it_cannot_offer)
{
    begin(4, 2, 1);
    w.locked_elsewhere[1] = true;
    look();
    ASSERT_STR(why(0), "");
    ASSERT_STR(why(1), "another besom process on this host has locked it");
    ASSERT_STR(why(2), "");
    ASSERT_STR(why(3), gpu_pool_not_needed);
    process(0, OTHER, GIB);
    look();
    ASSERT_STR(why(3), "");
    clear(0);
    look();
    look();
    ASSERT_STR(why(0), gpu_pool_not_needed); /* those that are offered stay so */
    gpu_pool_done(&w.pool);
}

static struct rng rng;

static bool one_in(uint64_t n)
{
    return rng_below(&rng, n) == 0;
}

static bool is_used_by_others(size_t gpu)
{
    for (size_t i = 0; i < w.reading.gpus[gpu].processes_n; i++)
        if (w.reading.gpus[gpu].processes[i].pid >= OTHER)
            return true;
    return false;
}

/* The world as the driver would read it: the trials, and for each GPU perhaps somebody else. */
static void world_read(const bool others[GPUS])
{
    for (size_t i = 0; i < GPUS; i++) {
        clear(i);
        if (others[i])
            process(i, OTHER + (int64_t)i, GIB);
    }
    for (uint32_t slot = 0; slot < w.pool.slots_n; slot++)
        if (w.taken[slot])
            process(slot % GPUS, slot + 1, one_in(4) ? -1 : GIB);
}

static void check_offers(const int free_looks[GPUS], bool silent)
{
    uint32_t on[GPUS] = {0}, n = 0;
    for (uint32_t slot = 0; slot < w.pool.slots_n; slot++) {
        const struct gpu_pool_slot *s = &w.pool.slots[slot];
        n += s->offered || w.taken[slot];
        size_t gpu = slot % GPUS;
        on[gpu] += s->offered || w.taken[slot];
        ASSERT(!s->offered || !silent);
        ASSERT(!s->offered || !is_used_by_others(gpu));
        ASSERT(!s->offered || free_looks[gpu] >= GPU_POOL_FREE_LOOKS);
        ASSERT(!s->offered || !w.reading.gpus[gpu].fault[0]);
        ASSERT(!s->offered || !w.locked_elsewhere[gpu]);
        ASSERT(s->offered || s->why[0]);
    }
    for (size_t i = 0; i < GPUS; i++)
        ASSERT(on[i] <= w.pool.options.per_gpu);
    ASSERT(w.pool.options.slots == 0 || n <= w.pool.options.slots);
}

TEST(pool_never_offers_a_gpu_that_is_not_free)
{
    for (uint64_t seed = 0; seed < 300; seed++) {
        bool others[GPUS] = {0};
        int free_looks[GPUS] = {9, 9, 9, 9};
        rng_init(&rng, seed, 0, RNG_TEST);
        begin(GPUS, (uint32_t)rng_below(&rng, 5), 1 + (uint32_t)rng_below(&rng, 3));
        for (size_t i = 0; i < GPUS; i++)
            w.locked_elsewhere[i] = one_in(5);
        for (int step = 0; step < 60; step++) {
            bool silent = one_in(8);
            for (size_t i = 0; i < GPUS; i++) {
                others[i] = one_in(6) ? !others[i] : others[i];
                if (one_in(300))
                    snprintf(w.reading.gpus[i].fault, 10, "Xid 79");
            }
            for (uint32_t slot = 0; slot < w.pool.slots_n; slot++) {
                if (w.taken[slot] && one_in(3))
                    w.taken[slot] = false;
                else if (w.pool.slots[slot].offered && one_in(2))
                    w.taken[slot] = true;
            }
            world_read(others);
            for (size_t i = 0; i < GPUS && !silent; i++)
                free_looks[i] = others[i] ? 0 : free_looks[i] + 1;
            silent ? silence() : look();
            check_offers(free_looks, silent);
        }
        gpu_pool_done(&w.pool);
    }
}
