/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which agent gets a trial that failed. */
#include <string.h>

#include "orchestrator/core/waits.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

enum { LONG_MS = 12000 }; /* an attempt that ran for so long has not failed quickly */

#define GRID "method: grid\nprogram: t\nmetric: {name: loss}\nretry: {failed: 3}\n"
static const char many[] = GRID "parameters: {a: {min: 1, max: 99}}\n";
static const char pair[] = GRID "parameters: {a: {values: [1, 2]}}\n";

static const char *agent_of(uint64_t trial)
{
    const struct book_trial *t = kit_trial(trial);
    return t && t->state == TRIAL_RUNNING ? t->attempt.agent : "none";
}

static const struct book_trial *trial_on(const char *agent)
{
    void *trial;
    for (size_t at = 0; map_next(&kit_sweep()->open, &at, &trial);) {
        const struct book_trial *t = trial;
        if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0)
            return t;
    }
    FAIL("nothing runs on %s", agent);
}

static uint64_t fail_on(uint32_t link, const char *agent)
{
    const struct book_trial *t = trial_on(agent);
    uint64_t number = t->number;
    kit_ended(link, number, t->attempt.number, "none", 1, 0);
    return number;
}

static void begin_two(const char *yaml)
{
    kit_begin(yaml);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(LONG_MS);
}

/* All agents are busy when it fails: another trial gets its slot. */
TEST(elsewhere_waits_for_another_agent)
{
    begin_two(many);
    uint64_t other = trial_on("gpu2")->number, failed = fail_on(1, "gpu1");
    ASSERT_STR(agent_of(failed), "none");
    ASSERT(trial_on("gpu1")->number > failed);
    kit_tick(LONG_MS);
    kit_ended(2, other, 1, "none", 0, 0);
    ASSERT_STR(agent_of(failed), "gpu2");
    kit_end();
}

/* The same for a strategy that learns, which is asked once a slot is free. */
TEST(elsewhere_leaves_the_slot_to_a_new_proposal)
{
    begin_two("method: bayes\nprogram: t\nmetric: {name: loss}\nretry: {failed: 3}\n"
              "parameters: {a: {min: 0.0, max: 1.0}}\n");
    uint64_t failed = fail_on(1, "gpu1");
    ASSERT_STR(agent_of(failed), "none");
    ASSERT(trial_on("gpu1")->number > failed);
    kit_end();
}

/* With nothing else to run, the slot stays free while the other agent ends a trial of the sweep. */
TEST(elsewhere_alternates)
{
    struct arena a;
    arena_init(&a);
    begin_two(pair);
    uint64_t other = trial_on("gpu2")->number, failed = fail_on(1, "gpu1");
    ASSERT_STR(agent_of(failed), "none");
    ASSERT_STR(waits_trial(&kit, "s1", failed, &a),
               "for an agent other than gpu1, where it failed last");
    kit_ended(2, other, 1, "none", 0, 0);
    ASSERT_STR(agent_of(failed), "gpu2");
    kit_tick(LONG_MS);
    fail_on(2, "gpu2"); /* both have room now */
    ASSERT_STR(agent_of(failed), "gpu1");
    ASSERT_EQ(kit_trial(failed)->attempts, 3);
    kit_end();
    arena_done(&a);
}

TEST(elsewhere_is_nowhere)
{
    kit_begin(pair);
    kit_hello(1, "gpu1", 1, "[]");
    kit_tick(LONG_MS);
    uint64_t failed = fail_on(1, "gpu1"); /* it is the only one */
    ASSERT_STR(agent_of(failed), "gpu1");
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(LONG_MS);
    struct event_agent cordon = {.name = "gpu2", .duty = DUTY_CORDONED, .by = "ann"};
    kit_step((struct event){
        .kind = EVENT_AGENT, .request = 9, .agent = &cordon}); /* what it runs goes on */
    ASSERT_EQ(kit_reply()->code, 0);
    fail_on(1, "gpu1");
    ASSERT_STR(agent_of(failed), "gpu1");
    kit_end();
}

/* Other sweeps have the other agents: nobody knows when one is free. */
TEST(elsewhere_does_not_wait_for_other_sweeps)
{
    kit_begin(pair);
    kit_create("s2", pair);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(LONG_MS);
    ASSERT_EQ(kit_running("s1"), 1);
    uint64_t failed = fail_on(1, "gpu1");
    ASSERT_STR(agent_of(failed), "gpu1");
    kit_end();
}
