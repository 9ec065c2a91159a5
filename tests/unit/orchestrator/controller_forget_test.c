/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_forget.h"

#include <string.h>

#include "orchestrator/core/controller/controller_agent.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}}\n";

#define BESIDE "; training that may continue on its host is not ended"

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

TEST(agent_that_is_forgotten_leaves_the_list_and_its_trials_run_elsewhere)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 2, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(say_of("gpu1", DUTY_CORDONED), 0);
    ASSERT_EQ(say_of("gpu1", DUTY_FORGOTTEN), ERR_STATE);
    ASSERT(strstr(kit_reply()->text, "agent gpu1 is connected"));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(say_of("gpu1", DUTY_FORGOTTEN), 0);
    ASSERT_STR(kit_reply()->text,
               "agent gpu1 leaves the list: 2 trials run again elsewhere at once" BESIDE);
    ASSERT_EQ(kit_fact(FACT_ENDED, 1)->state, TRIAL_PENDING);
    ASSERT_STR(kit_fact(FACT_ENDED, 0)->text, "its agent was forgotten by ann");
    ASSERT_EQ(kit_fact(FACT_AGENT_STATE, 0)->state, DUTY_FORGOTTEN);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->by, "ann");
    ASSERT_STR(state_of("gpu1"), "unknown");
    ASSERT_EQ(kit.books.agents.live, 0);
    ASSERT_EQ(say_of("gpu1", DUTY_FORGOTTEN), ERR_NOT_FOUND);
    kit_ended(2, 2, 1, "none", 0, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "gpu2");
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->attempt, 2);
    kit_end();
}

TEST(trials_of_a_paused_sweep_wait_when_their_agent_is_forgotten)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 2, "[]");
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(say_of("gpu1", DUTY_FORGOTTEN), 0);
    ASSERT_STR(kit_reply()->text,
               "agent gpu1 leaves the list: 2 trials wait until the sweep resumes" BESIDE);
    kit_end();
}

TEST(agent_that_is_gone_can_be_forgotten)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_STR(state_of("gpu1"), "gone");
    ASSERT_EQ(say_of("gpu1", DUTY_FORGOTTEN), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 leaves the list, and holds no trial");
    ASSERT_STR(state_of("gpu1"), "unknown");
    kit_hello(2, "gpu1", 1, "[]"); /* it returns all the same, as a new one */
    ASSERT_STR(state_of("gpu1"), "up");
    ASSERT(kit_fact(FACT_LAUNCHED, 0) != NULL);
    kit_end();
}

TEST(agent_that_is_away_is_told_until_when_its_trials_are_held)
{
    static struct arena arena;
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    int64_t left = kit_now;
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_tick(5000);
    const struct value *list = controller_agent_list(&kit, kit_now, kit_now, &arena);
    ASSERT_EQ((int64_t)(1000 * value_get_float(list->list.items[0], "until", 0)),
              left + CONTROLLER_LOST_MS);
    kit_end();
}
