/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/waits.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}}\n";

TEST(agent_cordoned_takes_nothing_new_and_outlives_the_controller)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->agent, "gpu1");
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->by, "ann");
    ASSERT_STR(kit_agent_text("gpu1", "state"), "cordoned");
    kit_ended(1, 0, 1, "none", 0, 0);
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    kit_ended(2, 1, 1, "none", 0, 0);
    ASSERT_STR(kit_fact(FACT_LAUNCHED, 0)->agent, "gpu2");
    kit_restart();
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    ASSERT_STR(kit_agent_text("gpu1", "state"), "cordoned");
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0); /* again: nothing to record */
    ASSERT(!kit_fact(FACT_AGENT_STATE, 0));
    ASSERT_EQ(kit_duty("gpu1", DUTY_UP), 0);
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
    ASSERT_EQ(kit_duty("b", DUTY_CORDONED), 0);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->agent, "box");
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0); /* the whole name */
    ASSERT_EQ(kit_duty("gpu", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT(strstr(kit_reply()->text, "gpu1, gpu12"));
    ASSERT_EQ(kit_duty("", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT_EQ(kit_duty("x", DUTY_CORDONED), ERR_NOT_FOUND);
    ASSERT_STR(kit_reply()->text, "there is no agent x: the agents are gpu1, gpu12, box");
    kit_end();
}

TEST(agent_drained_is_told_to_end_when_it_runs_nothing)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 2, "[]");
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), 0);
    ASSERT(!kit_sent(MESSAGE_DRAINED, 0));
    ASSERT_STR(kit_agent_text("gpu1", "state"), "draining");
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
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), 0);
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
    ASSERT_STR(kit_agent_text("gpu1", "state"), "away");
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_STR(kit_agent_text("gpu1", "state"), "gone");
    ASSERT(kit_agent_is_lost("gpu1"));
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), ERR_STATE);
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    ASSERT(!kit_agent_is_lost("gpu1"));
    kit_end();
}

/* What is remembered of an agent that was lost; another process of the controller knows it too. */
static void lose_and_restart(void)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_tick(CONTROLLER_LOST_MS);
    const struct fact *f = kit_fact(FACT_ACTION, 0);
    ASSERT(f && kit_agent_is_lost("gpu1"));
    ASSERT_STR(f->subject, "agent gpu1");
    ASSERT_EQ(strtoll(f->text, NULL, 10), f->time_ms - CONTROLLER_LOST_MS); /* when it was heard */
    kit_restart();
    ASSERT_STR(kit_agent_text("gpu1", "state"), "gone");
    ASSERT(kit_agent_is_lost("gpu1") && !kit_agent_is_lost("gpu2"));
}

TEST(agent_that_was_lost_is_known_as_lost_by_the_next_controller)
{
    lose_and_restart();
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    kit_restart();
    ASSERT(kit_agent_is_lost("gpu1"));
    kit_hello(3, "gpu1", 1, "[]");
    ASSERT_STR(kit_fact(FACT_ACTION, 0)->what, BOOKS_AGENT_BACK);
    ASSERT(!kit_agent_is_lost("gpu1"));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 3});
    kit_hello(4, "gpu1", 1, "[]");
    ASSERT(!kit_fact(FACT_ACTION, 0)); /* it was away, not lost */
    kit_restart();
    ASSERT(!kit_agent_is_lost("gpu1"));
    kit_end();
}

/* After a restart nothing says when it was last heard from, only that it was before. */
TEST(agent_not_heard_since_a_restart_was_last_heard_before)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    double heard = kit_agent_time("gpu1", "seen");
    ASSERT(heard == (double)kit_now / 1000 && isnan(kit_agent_time("gpu1", "seen_before")));
    kit_tick(5000);
    kit_restart();
    double began = (double)kit_now / 1000;
    kit_tick(10000);
    ASSERT_STR(kit_agent_text("gpu1", "state"), "away");
    ASSERT(isnan(kit_agent_time("gpu1", "seen")));
    ASSERT(kit_agent_time("gpu1", "seen_before") == began);
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), 0);
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), 0);
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT(!kit_fact(FACT_ACTION, 0)->text);
    for (int i = 0; i < 2; i++) {
        ASSERT(kit_agent_is_lost("gpu1") && isnan(kit_agent_time("gpu1", "seen")));
        ASSERT(kit_agent_time("gpu1", "seen_before") == began + 70);
        kit_restart();
    }
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT(kit_agent_time("gpu1", "seen") > began && isnan(kit_agent_time("gpu1", "seen_before")));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 2});
    ASSERT(kit_agent_time("gpu1", "seen") > began);
    kit_end();
}

TEST(agent_that_was_lost_and_forgotten_is_forgotten)
{
    lose_and_restart();
    ASSERT_EQ(kit_duty("gpu1", DUTY_FORGOTTEN), 0);
    kit_restart();
    ASSERT_EQ(kit_duty("gpu1", DUTY_CORDONED), ERR_NOT_FOUND);
    kit_end();
}

TEST(lost_agents_are_kept_up_to_a_bound)
{
    struct fleet_lost lost;
    char name[64];
    fleet_lost_init(&lost);
    for (int i = 0; i < 3 * FLEET_LOST_MAX; i++) {
        snprintf(name, sizeof name, "pod-%d", i % (2 * FLEET_LOST_MAX));
        fleet_lost_add(&lost, name, i, false);
    }
    ASSERT_EQ(lost.names.live, FLEET_LOST_MAX);
    ASSERT(!fleet_lost_find(&lost, "pod-300") && fleet_lost_find(&lost, "pod-0")->seen_ms == 512);
    fleet_lost_done(&lost);
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
    ASSERT_STR(kit_agent_text("gpu1", "state"), "draining");
    kit_ended(1, 0, 1, "preempt", 0, 15);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    ASSERT(!kit_fact(FACT_LAUNCHED, 0));
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_STR(kit_agent_text("gpu1", "state"), "gone"); /* at once */
    ASSERT(!kit_agent_is_lost("gpu1"));
    kit_instance++;
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->attempt, 2);
    kit_end();
}

TEST(slot_says_why_it_is_idle)
{
    kit_begin("method: grid\nprogram: t\nmax_parallel: 1\nparameters: {a: {values: [1, 2, 3]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_STR(kit_agent_idle("gpu1"), "");
    ASSERT_STR(kit_agent_idle("gpu2"), "sweep s1 runs as many trials as its max_parallel allows");
    ASSERT_EQ(kit_duty("gpu2", DUTY_CORDONED), 0);
    ASSERT_STR(kit_agent_idle("gpu2"), "its agent is cordoned");
    ASSERT_EQ(kit_duty("gpu2", DUTY_UP), 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_STR(kit_agent_idle("gpu2"), "sweep s1 is paused");
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    kit_ended(1, 0, 1, "user", 0, 15);
    ASSERT_STR(kit_agent_idle("gpu2"), "no sweep is running");
    kit_create("s2", "method: grid\nprogram: t\nresources: {cpus: 64}\n"
                     "parameters: {a: {values: [1, 2, 3]}}\n");
    kit_hello_with(3, "small", "[{}]", "{\"cpus\":2}");
    ASSERT_STR(kit_agent_idle("small"), "the trials of sweep s2 need another kind of agent");
    kit_end();
}

static bool news_are(enum effect_news news, uint32_t n)
{
    const struct effect *e = kit_effect(EFFECT_AGENT, 0);
    return e && !kit_effect(EFFECT_AGENT, 1) && e->news == news && e->wanted == n &&
           strcmp(e->text, "gpu1") == 0;
}

TEST(agent_news)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 3, "[]");
    ASSERT(news_are(EFFECT_AGENT_UP, 3));
    kit_hello(2, "gpu1", 3, "[[\"s1\", 0, 1], [\"s1\", 1, 1], [\"s1\", 2, 1]]");
    ASSERT_EQ(kit_count(EFFECT_AGENT), 0); /* on another link: it was never away */
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(kit_count(EFFECT_AGENT), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 2});
    ASSERT(news_are(EFFECT_AGENT_AWAY, (uint32_t)kit_running("s1")));
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT(news_are(EFFECT_AGENT_LOST, 3));
    kit_hello(3, "gpu1", 1, "[]");
    ASSERT(news_are(EFFECT_AGENT_UP, 1));
    kit_ended(3, 0, 2, "none", 0, 0);
    kit_end();
}

/* At the end of a minute, one line has its state, and how many others were left out. */
TEST(agent_that_connects_again_and_again_prints_few_lines)
{
    uint64_t lines = 0;
    kit_begin(grid);
    for (uint32_t i = 1; i <= 100; i++) {
        kit_hello(i, "gpu1", 3, "[]");
        lines += kit_count(EFFECT_AGENT);
        kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = i});
        lines += kit_count(EFFECT_AGENT);
    }
    ASSERT_EQ(lines, FLEET_LINES_MAX);
    kit_hello(101, "gpu2", 3, "[]");
    ASSERT_EQ(kit_count(EFFECT_AGENT), 1); /* another one has its own lines */
    kit_hello(102, "gpu1", 3, "[]");
    kit_tick(FLEET_LINES_MS);
    ASSERT(news_are(EFFECT_AGENT_UP, 3));
    ASSERT_EQ(kit_effect(EFFECT_AGENT, 0)->left_out, 201 - FLEET_LINES_MAX);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 102});
    ASSERT_EQ(kit_effect(EFFECT_AGENT, 0)->left_out, 0);
    kit_end();
}

/* Nothing else happens where the only agent is gone. */
TEST(lines_left_out_of_an_agent_that_is_gone_are_told_in_time)
{
    kit_begin(grid);
    for (uint32_t i = 1; i <= FLEET_LINES_MAX; i++) {
        kit_hello(i, "gpu1", 1, "[]");
        kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = i});
    }
    int64_t over_ms = kit_now + FLEET_LINES_MS;
    ASSERT_EQ(kit_duty("gpu1", DUTY_FORGOTTEN), 0);
    while (controller_deadline(&kit) < over_ms)
        kit_tick(controller_deadline(&kit) - kit_now);
    ASSERT_EQ(controller_deadline(&kit), over_ms);
    kit_tick(over_ms - kit_now);
    ASSERT_EQ(kit_effect(EFFECT_AGENT, 0)->left_out, FLEET_LINES_MAX);
    kit_end();
}

/* `gone` would say that it had left by itself. */
TEST(lines_left_out_of_an_agent_that_was_lost_say_so)
{
    kit_begin(grid);
    kit.lost_ms = FLEET_LINES_MS / 3;
    for (uint32_t i = 1; i <= FLEET_LINES_MAX; i++) {
        kit_hello(i, "gpu1", 1, "[]");
        kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = i});
    }
    kit_tick(FLEET_LINES_MS / 3);
    ASSERT(kit_agent_is_lost("gpu1"));
    kit_tick(FLEET_LINES_MS);
    ASSERT(news_are(EFFECT_AGENT_LOST, 0));
    ASSERT_EQ(kit_effect(EFFECT_AGENT, 0)->left_out, FLEET_LINES_MAX);
    kit_end();
}

TEST(agent_that_drained_has_left)
{
    kit_begin(grid);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT(news_are(EFFECT_AGENT_LEFT, 0));
    ASSERT_EQ(kit_duty("gpu1", DUTY_DRAINING), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 is draining already, but gone: start it again there");
    ASSERT_EQ(kit_duty("gpu1", DUTY_UP), 0);
    ASSERT_STR(kit_reply()->text,
               "agent gpu1 is gone, and takes new trials when it is started again");
    kit_end();
}

/* What the folder of a sweep holds on a host is recorded once, and no other text than that. */
TEST(agent_tells_the_code_of_a_sweep)
{
    static const char *const bad[] = {
        "", "3f2a; rm", "COMMIT",
        "0123456789012345678901234567890123456789012345678901234567890123"
        "456789012345678901234567890"};
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_say(1, (struct message){.type = MESSAGE_CODE, .sweep = "s1", .text = "3f2a+01"});
    const struct fact *f = kit_fact(FACT_ACTION, 0);
    ASSERT_STR(f->by, "agent gpu1");
    ASSERT_STR(f->what, CONTROLLER_AGENT_CODE);
    ASSERT_STR(f->subject, "s1");
    ASSERT_STR(f->text, "3f2a+01");
    kit_say(1, (struct message){.type = MESSAGE_CODE, .sweep = "s1", .text = "3f2a+01"});
    ASSERT(!kit_fact(FACT_ACTION, 0));
    kit_hello(2, "gpu1", 1, "[]"); /* on another link too */
    kit_say(2, (struct message){.type = MESSAGE_CODE, .sweep = "s1", .text = "3f2a+01"});
    ASSERT(!kit_fact(FACT_ACTION, 0));
    kit_say(2, (struct message){.type = MESSAGE_CODE, .sweep = "s1", .text = "3f2b"});
    ASSERT_STR(kit_fact(FACT_ACTION, 0)->text, "3f2b");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        kit_say(2, (struct message){.type = MESSAGE_CODE, .sweep = "s1", .text = bad[i]});
        ASSERT(!kit_fact(FACT_ACTION, 0));
    }
    kit_say(2, (struct message){.type = MESSAGE_CODE, .sweep = "none", .text = "3f2a"});
    ASSERT(!kit_fact(FACT_ACTION, 0));
    kit_say(2, (struct message){.type = MESSAGE_CODE, .sweep = "", .text = "3f2a"});
    ASSERT(!kit_fact(FACT_ACTION, 0)); /* of its own folder: shown by besom agents */
    kit_end();
}

static struct arena load_arena;

static void say_load(const char *text)
{
    struct value *load;
    ASSERT_EQ(json_parse(&load_arena, text, strlen(text), &load, NULL), 0);
    kit_say(1, (struct message){.type = MESSAGE_LOAD, .host = load});
}

static struct value *told_load(void)
{
    struct value *list = controller_agent_list(&kit, kit_now, kit_now, &load_arena);
    return (struct value *)(uintptr_t)value_get(list->list.items[0], "load");
}

static bool disk_is_low_at(int64_t gib, int64_t total)
{
    say_load(arena_printf(&load_arena, "{\"disk\":{\"free\":%lld,\"total\":%lld},\"gpus\":[]}",
                          (long long)gib << 30, (long long)total << 30));
    return value_get_bool(value_get(told_load(), "disk"), "low", false);
}

/* Nothing is recorded of it; what is malformed is left out. */
TEST(agent_tells_what_its_host_does)
{
    arena_init(&load_arena);
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT_EQ(told_load()->kind, VALUE_NULL);
    say_load(
        "{\"disk\":{\"free\":7,\"total\":100},\"gpus\":[{\"gpu\":\"GPU-a\",\"index\":\"0\","
        "\"utilization\":3,\"memory_used\":-1,\"power\":\"x\",\"more\":1},{\"index\":\"1\"},2]}");
    ASSERT_STR(json_text(&load_arena, value_get(told_load(), "gpus"), JSON_COMPACT),
               "[{\"gpu\":\"GPU-a\",\"index\":\"0\",\"utilization\":3,\"memory_used\":null,"
               "\"memory_total\":null,\"temperature\":null,\"power\":null}]");
    ASSERT_EQ(value_get_int(value_get(told_load(), "disk"), "free", 0), 7);
    say_load("[1]");
    say_load("{\"gpus\":3}");
    ASSERT_EQ(value_get_int(value_get(told_load(), "disk"), "free", 0), 7);
    say_load("{\"disk\":{\"free\":9,\"total\":7},\"gpus\":[]}");
    ASSERT_EQ(value_get(told_load(), "disk")->kind, VALUE_NULL);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT_EQ(told_load()->kind, VALUE_NULL);
    kit_end();
    arena_done(&load_arena);
}

/* Under 5 % or 2 GiB; of a small disk, a quarter is enough. It is low until a bit more is free. */
TEST(agent_disk_is_low_until_there_is_more_room)
{
    arena_init(&load_arena);
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT(!disk_is_low_at(50, 1000) && disk_is_low_at(49, 1000) && disk_is_low_at(55, 1000));
    ASSERT(!disk_is_low_at(60, 1000) && !disk_is_low_at(55, 1000));
    ASSERT(!disk_is_low_at(2, 10) && disk_is_low_at(1, 10) && disk_is_low_at(2, 10));
    ASSERT(!disk_is_low_at(3, 10) && !disk_is_low_at(1, 4) && !disk_is_low_at(1, 1));
    kit_end();
    arena_done(&load_arena);
}
