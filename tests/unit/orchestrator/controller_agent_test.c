/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"

#include <string.h>

#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}}\n";

static int say_of(const char *agent, enum duty duty)
{
    struct event_agent want = {.name = agent, .duty = duty, .by = "ann"};
    kit_step((struct event){.kind = EVENT_AGENT, .request = 9, .agent = &want});
    return kit_reply()->code;
}

static const char *state_of(const char *agent)
{
    static struct arena arena;
    const struct value *list = controller_agent_list(&kit, kit_now, kit_now, &arena);
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), agent) == 0)
            return value_get_str(list->list.items[i], "state", "");
    return "unknown";
}

TEST(agent_cordoned_takes_nothing_new_and_outlives_the_controller)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(say_of("gpu1", DUTY_CORDONED), 0);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->agent, "gpu1");
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->by, "ann");
    ASSERT_STR(state_of("gpu1"), "cordoned");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    kit_ended(2, 1, 1, "none", 0, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "gpu2");
    kit_restart();
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    ASSERT_STR(state_of("gpu1"), "cordoned");
    ASSERT_EQ(say_of("gpu1", DUTY_CORDONED), 0); /* again: nothing to record */
    ASSERT(!kit_fact(FACT_AGENT_STATE, 0));
    ASSERT_EQ(say_of("gpu1", DUTY_UP), 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "gpu1");
    ASSERT_EQ(kit.books.agents.live, 0);
    kit_end();
}

TEST(agent_is_named_by_a_prefix)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu12", 1, "[]");
    kit_hello(3, "box", 1, "[]");
    ASSERT_EQ(say_of("b", DUTY_CORDONED), 0);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->agent, "box");
    ASSERT_EQ(say_of("gpu1", DUTY_CORDONED), 0); /* the whole name */
    ASSERT_EQ(say_of("gpu", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT(strstr(kit_reply()->text, "gpu1, gpu12"));
    ASSERT_EQ(say_of("", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT_EQ(say_of("x", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT_STR(kit_reply()->text, "there is no agent x: the agents are gpu1, gpu12, box");
    kit_end();
}

TEST(agent_drained_is_told_to_end_when_it_runs_nothing)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 2, "[]");
    ASSERT_EQ(say_of("gpu1", DUTY_DRAINING), 0);
    ASSERT(!kit_sent(MESSAGE_DRAINED, 0));
    ASSERT_STR(state_of("gpu1"), "draining");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_sent(MESSAGE_DRAINED, 0) && !kit_fact(FACT_LAUNCHED, 0));
    kit_ended(1, 1, 1, "none", 0, 0);
    ASSERT(kit_sent(MESSAGE_DRAINED, 0) != NULL);
    kit_hello(2, "gpu1", 2, "[]"); /* the same process: the message was lost */
    ASSERT(kit_sent(MESSAGE_DRAINED, 0) != NULL);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 2});
    kit_instance++; /* somebody starts the agent again: the drain is over */
    kit_hello(3, "gpu1", 2, "[]");
    ASSERT_EQ(kit_fact(FACT_AGENT_STATE, 0)->state, DUTY_UP);
    ASSERT(!kit_sent(MESSAGE_DRAINED, 0) && kit_fact(FACT_LAUNCHED, 1));
    kit_end();
}

TEST(agent_goes_on_draining_when_its_process_is_replaced)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT_EQ(say_of("gpu1", DUTY_DRAINING), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_instance++;
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_AGENT_STATE, 0)->state, DUTY_DRAINING);
    ASSERT(kit_fact(FACT_AGENT_STATE, 0)->instance == kit_instance);
    kit_ended(2, 0, 1, "none", 0, 0);
    ASSERT(kit_sent(MESSAGE_DRAINED, 0) && !kit_fact(FACT_LAUNCHED, 0));
    kit_end();
}

TEST(agent_that_is_gone_can_be_cordoned_and_not_drained)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_STR(state_of("gpu1"), "away");
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_STR(state_of("gpu1"), "gone");
    ASSERT_EQ(say_of("gpu1", DUTY_DRAINING), ERR_STATE);
    ASSERT_EQ(say_of("gpu1", DUTY_CORDONED), 0);
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    kit_end();
}

TEST(agent_that_leaves_gets_nothing_new)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    struct value *held = NULL;
    static struct arena arena;
    held = value_list(&arena);
    kit_say(1, (struct message){.type = MESSAGE_HELLO,
                                .version = MESSAGE_VERSION,
                                .agent = "gpu1",
                                .instance = kit_instance,
                                .slots = value_list(&arena),
                                .leaving = "preempted",
                                .held = held});
    ASSERT_STR(state_of("gpu1"), "draining");
    kit_ended(1, 0, 1, "preempt", 0, 15);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_STR(state_of("gpu1"), "gone"); /* at once */
    kit_instance++;
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->attempt, 2);
    kit_end();
}
