/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "strategies/strategy.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

#define GRID                                           \
    "method: grid\nprogram: t\nmetric: {name: loss}\n" \
    "parameters: {a: {values: [1, 2, 3]}, b: {value: x}}\n"

static int enqueue(const char *json)
{
    struct arena arena;
    struct value *params;
    arena_init(&arena);
    ASSERT_EQ(json_parse(&arena, json, strlen(json), &params, NULL), 0);
    const struct event_enqueue enqueue = {.params = params, .by = "me"};
    kit_step(
        (struct event){.kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .enqueue = &enqueue});
    arena_done(&arena);
    return kit_reply()->code;
}

TEST(controller_enqueue_runs_before_everything_else)
{
    kit_begin(GRID);
    kit_hello(1, "box", 1, "[]"); /* trial 0 runs, and proposals are ready */
    ASSERT_EQ(enqueue("{\"a\":3}"), 0);
    ASSERT_STR(kit_reply()->text, "has the new trial s1-1, which runs next");
    ASSERT_EQ(kit_sweep()->enqueued, 1);
    ASSERT_EQ(kit_trial(1)->cursor, STRATEGY_ENQUEUED);
    ASSERT_STR(kit_trial(1)->params, "{\"a\": 3, \"b\": \"x\"}");
    ASSERT_STR(kit_trial(1)->why, "{\"strategy\": \"enqueue\", \"by\": \"me\"}");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_end();
}

TEST(controller_enqueue_drops_proposals_that_do_not_know_of_it)
{
    kit_begin(GRID);
    kit_thinks = "s1";
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_count(EFFECT_PROPOSE), 1);
    ASSERT_EQ(enqueue("{\"a\":2}"), 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    kit_propose("s1", 1); /* it was asked for before */
    ASSERT_EQ(kit_sweep()->proposed, 1);
    kit_thinks = NULL;
    kit_end();
}

/* All of them or none. */
TEST(controller_enqueue_repeats_a_trial_as_often_as_asked)
{
    struct arena arena;
    arena_init(&arena);
    kit_begin(GRID "run_cap: 4\n");
    kit_hello(1, "box", 1, "[]");
    struct value *one = value_dict(&arena), *two = value_dict(&arena);
    value_put(&arena, one, "a", value_int(&arena, 2));
    value_put(&arena, two, "a", value_int(&arena, 9));
    const struct value *all[] = {one, one, two};
    struct event_enqueue enqueue = {.repeats = true, .of = 0, .times = 3, .all = all};
    struct event ev = {.kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .enqueue = &enqueue};
    kit_step(ev);
    ASSERT_EQ(kit_reply()->code, ERR_SPEC); /* the last is not in the space */
    ASSERT_EQ(kit_sweep()->proposed, 1);
    all[2] = one;
    kit_step(ev);
    ASSERT_STR(kit_reply()->text, "has 3 new trials like s1-0, with the same parameters: s1-1 to "
                                  "s1-3, which run next");
    ASSERT_EQ(kit_sweep()->enqueued, 3);
    ASSERT_STR(kit_trial(3)->params, "{\"a\": 2, \"b\": \"x\"}");
    ASSERT_STR(kit_trial(3)->why, "{\"strategy\": \"enqueue\", \"repeats\": 0}");
    kit_end();
    arena_done(&arena);
}

TEST(controller_enqueue_respects_the_space)
{
    kit_begin(GRID);
    ASSERT_EQ(enqueue("{\"a\":4}"), ERR_SPEC);
    ASSERT_STR(kit_reply()->text, "a is 4, but it must be 1, 2 or 3");
    ASSERT_EQ(kit_sweep()->proposed, 0);
    kit_end();
}

/* Only whole trials can be compared. */
TEST(controller_enqueue_has_no_repeat_stopped_early)
{
    struct arena arena;
    arena_init(&arena);
    kit_begin(GRID "early_terminate: {type: asha, max_iter: 9}\nmax_parallel: 1\n");
    kit_hello(1, "box", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\":0.1}\n");
    struct value *one = value_dict(&arena);
    value_put(&arena, one, "a", value_int(&arena, 1));
    const struct value *all[] = {one};
    struct event_enqueue repeat = {.repeats = true, .of = 0, .times = 1, .all = all};
    kit_step(
        (struct event){.kind = EVENT_ENQUEUE, .request = 9, .sweep = "s1", .enqueue = &repeat});
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_metrics(1, 1, 1, 0, "{\"loss\":0.9}\n");
    ASSERT(!kit_fact(FACT_STOPPING, 0));
    ASSERT_EQ(enqueue("{\"a\":2}"), 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    kit_metrics(1, 2, 1, 0, "{\"loss\":0.9}\n");
    ASSERT(kit_fact(FACT_STOPPING, 0));
    kit_end();
    arena_done(&arena);
}

/* A person has stopped it, or it has reached its target: the method proposes nothing more. */
TEST(controller_enqueue_continues_an_ended_sweep_for_this_alone)
{
    kit_begin("method: random\nprogram: t\nmetric: {name: loss, target: 0.5}\nrun_cap: 50\n"
              "parameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\":0.1}\n");
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_TARGET);
    ASSERT_EQ(enqueue("{\"a\":0.2}"), 0);
    ASSERT_EQ(enqueue("{\"a\":0.3}"), 0);
    ASSERT_EQ(kit_running("s1"), 2);
    kit_metrics(1, 2, 1, 0, "{\"loss\":0.1}\n"); /* as good again: the other still runs */
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_running("s1"), 1);
    ASSERT_EQ(kit_sweep()->proposed, 4);
    kit_ended(1, 3, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->reason, REASON_TARGET);
    kit_end();
}

/* What somebody asks for runs, and the method proposes nothing more. */
TEST(controller_enqueue_goes_beyond_the_run_cap_of_a_sweep_that_ended)
{
    kit_begin(GRID "run_cap: 1\n");
    kit_hello(1, "box", 1, "[]");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(enqueue("{\"a\":2}"), 0);
    ASSERT_STR(kit_reply()->text,
               "has the new trial s1-1, which runs next, beyond its run_cap of 1");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT_EQ(enqueue("{\"a\":2}"), 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->proposed, 3);
    kit_end();
}

/* A pause says nothing of what the sweep runs once it is resumed, nor of how it had ended. */
static void ends_again_after_a_pause(enum controller_command end, int state)
{
    kit_begin("method: random\nprogram: t\nmetric: {name: loss}\nrun_cap: 50\n"
              "parameters: {a: {min: 0.0, max: 1.0}}\n");
    kit_hello(1, "box", 2, "[]");
    ASSERT_EQ(kit_command(end), 0);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, state);
    ASSERT_EQ(enqueue("{\"a\":0.2}"), 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_EQ(kit_command(COMMAND_RESUME), 0);
    ASSERT_EQ(kit_running("s1"), 1);
    kit_ended(1, 2, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->proposed, 3);
    ASSERT_EQ(kit_sweep()->state, state);
    ASSERT_EQ(kit_sweep()->reason, REASON_USER);
    kit_end();
}

TEST(controller_enqueue_continues_a_paused_sweep_for_this_alone)
{
    ends_again_after_a_pause(COMMAND_STOP, SWEEP_FINISHED);
    ends_again_after_a_pause(COMMAND_CANCEL, SWEEP_CANCELLED);
}
