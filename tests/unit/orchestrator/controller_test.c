/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n";

TEST(controller_takes_a_trial_from_launch_to_end)
{
    kit_begin(grid);
    ASSERT_EQ(kit_count(EFFECT_PROPOSE), 0); /* nobody to run it yet */
    kit_hello(1, "box", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_WELCOME, 0)->version, MESSAGE_VERSION);
    const struct message *launch = kit_sent(MESSAGE_LAUNCH, 0);
    ASSERT(launch && !kit_sent(MESSAGE_LAUNCH, 1));
    ASSERT(launch->trial == 0 && launch->attempt == 1 && launch->slot == 0);
    ASSERT_EQ(value_get(launch->params, "a")->i, 1);
    ASSERT_EQ(launch->offsets->list.items[0]->i, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "box");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n{\"loss\": 2}\n");
    ASSERT_EQ(kit_fact(FACT_METRICS, 0)->points.n, 2);
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 24);
    kit_metrics(1, 0, 1, 24, "{\"loss\": 4}\n");
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    ASSERT(!kit_trial(0) && kit_sweep()->best.trial == 0 && kit_sweep()->best.value == 2);
    for (uint64_t trial = 1; trial < 6; trial++)
        kit_ended(1, trial, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 6);
    kit_end();
}

TEST(controller_takes_nothing_twice)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    ASSERT(!kit_fact(FACT_METRICS, 0));
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 12);
    kit_metrics(1, 0, 1, 40, "{\"loss\": 1}\n"); /* what lies between is missing */
    ASSERT(!kit_fact(FACT_METRICS, 0));
    ASSERT_EQ(kit_sent(MESSAGE_METRICS_ACK, 0)->to, 12);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_ended(1, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0));
    kit_metrics(1, 0, 1, 12, "{\"loss\": 1}\n");
    ASSERT(kit_sent(MESSAGE_FORGET, 0) && kit_count(EFFECT_PERSIST) == 0);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 1);
}

TEST(controller_hears_nobody_it_has_not_welcomed)
{
    kit_begin(grid);
    kit_ended(1, 0, 1, "none", 0, 0);
    kit_hello(1, "box", 1, "[]");
    struct message m = {.type = MESSAGE_ENDED, .attempt = 1, .cause = "none", .epoch = 4};
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    m.epoch = 0;
    m.store = "other";
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    m.store = NULL;
    kit_hello(2, "other", 1, "[]");
    kit_say(2, m); /* not its attempt */
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0) && kit_count(EFFECT_PERSIST) == 0);
    m.attempt = 2;
    kit_say(1, m);
    ASSERT(kit_count(EFFECT_PERSIST) == 0);
    m.sweep = "nosuch";
    kit_say(1, m);
    ASSERT(kit_sent(MESSAGE_ENDED_ACK, 0) && kit_count(EFFECT_PERSIST) == 0);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
}

TEST(controller_refuses_a_hello)
{
    kit_begin(grid);
    kit_hello(1, "", 1, "[]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    kit_hello(1, "box", 1025, "[]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    static const char *const held[] = {"{}",
                                       "[1]",
                                       "[[]]",
                                       "[[\"s1\", 0]]",
                                       "[[\"s1\", 0, 1, 2]]",
                                       "[[1, 0, 1]]",
                                       "[[\"s1\", -1, 1]]",
                                       "[[\"s1\", 0, 1.5]]",
                                       "[[\"s1\", 0, 9007199254740993]]"};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        kit_hello(1, "box", 1, held[i]);
        if (kit_count(EFFECT_CLOSE) != 1 || kit_count(EFFECT_SEND) != 0)
            FAIL("%s is welcome", held[i]);
    }
    struct message m = {.type = MESSAGE_HELLO, .version = 2, .agent = "box", .store = ""};
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    m.version = 1;
    m.store = "other";
    kit_say(1, m);
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
}

TEST(controller_takes_up_where_an_agent_left)
{
    kit_begin(grid);
    kit_hello(1, "box", 2, "[]");
    kit_metrics(1, 1, 1, 0, "{\"loss\": 3}\n");
    kit_restart();
    kit_hello(1, "box", 2, "[[\"s1\", 1, 1], [\"s1\", 0, 7], [\"gone\", 3, 1]]");
    ASSERT_EQ(kit_sent(MESSAGE_WELCOME, 0)->epoch, 6);
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 7);
    ASSERT_STR(kit_sent(MESSAGE_FORGET, 1)->sweep, "gone");
    ASSERT(!kit_sent(MESSAGE_FORGET, 2));
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0); /* its launch was lost: again */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 1)->offsets->list.items[0]->i, 12);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 1)->epoch, 6);
}

TEST(controller_closes_the_old_link_of_an_agent)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_hello(2, "box", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_count(EFFECT_CLOSE), 1);
    kit_ended(1, 0, 1, "none", 0, 0); /* late, on the old link */
    ASSERT_EQ(kit_count(EFFECT_SEND) + kit_count(EFFECT_PERSIST), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(controller_deadline(&kit), INT64_MAX); /* it is not away */
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->counts[TRIAL_FINISHED], 1);
}

TEST(controller_fills_slots_and_no_more)
{
    kit_begin("method: grid\nprogram: t\nmax_parallel: 3\nrun_cap: 5\n"
              "parameters: {a: {values: [1, 2, 3, 4, 5, 6]}}\n");
    kit_hello(1, "box", 2, "[]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0)->slot == 0 && kit_sent(MESSAGE_LAUNCH, 1)->slot == 1);
    ASSERT(!kit_sent(MESSAGE_LAUNCH, 2));
    kit_hello(2, "big", 8, "[]");
    ASSERT(kit_sent(MESSAGE_LAUNCH, 0) && !kit_sent(MESSAGE_LAUNCH, 1));
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->slot, 0);
    kit_ended(2, 2, 1, "none", 0, 0);
    kit_ended(1, 1, 1, "none", 0, 0);
    kit_ended(1, 3, 1, "none", 0, 0);
    kit_ended(1, 4, 1, "none", 0, 0);
    kit_ended(2, 4, 1, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->proposed, 5);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
}

TEST(controller_gives_up_an_agent_that_stays_away)
{
    kit_begin(grid);
    kit_hello(1, "box", 1, "[]");
    kit_tick(CONTROLLER_LOST_MS * 10); /* it is there, and has nothing to say */
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(controller_deadline(&kit), kit_now + CONTROLLER_LOST_MS);
    kit_hello(2, "other", 1, "[]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 1);
    kit_ended(2, 1, 1, "none", 0, 0);
    kit_tick(CONTROLLER_LOST_MS - 1);
    ASSERT_EQ(kit_count(EFFECT_PERSIST), 0);
    kit_tick(1);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_HOST);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_hello(3, "box", 2, "[[\"s1\", 0, 1]]"); /* it is back, and still at it */
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->trial, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    kit_restart(); /* it waits anew for those it has not heard of */
    ASSERT_EQ(controller_deadline(&kit), kit_now + CONTROLLER_LOST_MS);
}
