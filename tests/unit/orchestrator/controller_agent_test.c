/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/waits.h"

#include <string.h>

#include "base/json.h"
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

/* Attempts of 12 s on gpu2, while those on gpu1 fail at once. */
static const char many[] = "method: grid\nprogram: t\nmetric: {name: loss}\nretry: {failed: 100}\n"
                           "parameters: {a: {min: 1, max: 99}}\n";

static uint64_t trial_on(const char *agent, uint32_t *ret_attempt)
{
    void *trial;
    for (size_t at = 0; map_next(&kit_sweep()->open, &at, &trial);) {
        const struct book_trial *t = trial;
        *ret_attempt = t->attempt.number;
        if (t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0)
            return t->number;
    }
    FAIL("nothing runs on %s", agent);
}

static void fail_on(uint32_t link, const char *agent, const char *cause, int code)
{
    uint32_t attempt;
    uint64_t trial = trial_on(agent, &attempt);
    kit_ended(link, trial, attempt, cause, code, 0);
}

static void fail_saying(uint32_t link, const char *agent, const char *text)
{
    uint32_t attempt;
    uint64_t trial = trial_on(agent, &attempt);
    kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                   .at_ms = (uint64_t)kit_now,
                                   .trial = trial,
                                   .attempt = attempt,
                                   .cause = "shim",
                                   .text = text});
}

TEST(host_on_which_all_attempts_die_is_cordoned)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        ASSERT_EQ(kit.books.agents.live, 0);
        fail_saying(1, "gpu1", "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB");
    }
    ASSERT_EQ(kit_fact(FACT_AGENT_STATE, 0)->state, DUTY_CORDONED);
    ASSERT_STR(kit_fact(FACT_AGENT_STATE, 0)->by, "besom");
    ASSERT(strstr(kit_fact(FACT_AGENT_STATE, 0)->text,
                  "5 attempts in a row failed or were lost on it"));
    ASSERT(strstr(kit_fact(FACT_AGENT_STATE, 0)->text, "(out of GPU memory)"));
    ASSERT_STR(state_of("gpu1"), "cordoned");
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) /* the last host is never cordoned */
        fail_on(2, "gpu2", "shim", 0);
    ASSERT_EQ(kit.books.agents.live, 1);
    kit_end();
}

/* It says: the agent cannot start it. */
static void cannot_start(uint32_t link, const char *agent, const char *why)
{
    uint32_t attempt;
    uint64_t trial = trial_on(agent, &attempt);
    kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                   .sweep = "s1",
                                   .trial = trial,
                                   .attempt = attempt,
                                   .cause = "launch",
                                   .at_ms = (uint64_t)kit_now,
                                   .text = why});
}

static const char *text_of(const char *agent)
{
    static struct arena arena;
    const struct value *list = controller_agent_list(&kit, kit_now, kit_now, &arena);
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), agent) == 0)
            return value_get_str(list->list.items[i], "text", "");
    return "unknown";
}

static uint64_t running_on(const char *agent)
{
    void *value;
    uint64_t n = 0;
    for (size_t at = 0; map_next(&kit_sweep()->open, &at, &value);) {
        const struct book_trial *t = value;
        n += t->state == TRIAL_RUNNING && strcmp(t->attempt.agent, agent) == 0;
    }
    return n;
}

TEST(host_that_cannot_start_a_trial_costs_it_nothing)
{
    static struct arena a;
    kit_begin(many);
    kit_hello(1, "gpu1", 2, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    cannot_start(1, "gpu1", "the folder /w is missing");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_UNSTARTED);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    ASSERT_STR(text_of("gpu1"), "cannot start trials of s1: the folder /w is missing");
    ASSERT_STR(state_of("gpu1"), "up");
    ASSERT_STR(waits_trial(&kit, "s1", 0, &a),
               "for a free slot; agent gpu1 cannot start it: the folder /w is missing");
    cannot_start(1, "gpu1", "the folder /w is missing"); /* its other slot */
    ASSERT_EQ(running_on("gpu1"), 0);
    ASSERT_EQ(kit_trial(0)->failed + kit_trial(0)->lost, 0);
    kit_ended(2, 2, 1, "none", 0, 0);
    ASSERT_EQ(running_on("gpu2"), 1);
    kit_create("s2", "method: grid\nprogram: t\nparameters: {a: {values: [1, 2]}}\n");
    ASSERT_EQ(kit_running("s2"), 2); /* another sweep may well start there */
    ASSERT_EQ(say_of("gpu1", DUTY_UP), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 tries again to start trials");
    ASSERT_STR(text_of("gpu1"), "");
    kit_end();
}

/* Why the first slot of the agent is idle; "": a trial runs there. */
static const char *idle_of(const char *agent)
{
    static struct arena arena;
    const struct value *list = controller_agent_list(&kit, kit_now, kit_now, &arena);
    for (size_t i = 0; i < list->list.n; i++)
        if (strcmp(value_get_str(list->list.items[i], "name", ""), agent) == 0)
            return value_get_str(value_get(list->list.items[i], "slots")->list.items[0], "idle",
                                 "");
    return "unknown";
}

TEST(slot_says_why_it_is_idle)
{
    kit_begin("method: grid\nprogram: t\nmax_parallel: 1\nparameters: {a: {values: [1, 2, 3]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    ASSERT_STR(idle_of("gpu1"), "");
    ASSERT_STR(idle_of("gpu2"), "sweep s1 runs as many trials as its max_parallel allows");
    ASSERT_EQ(say_of("gpu2", DUTY_CORDONED), 0);
    ASSERT_STR(idle_of("gpu2"), "its agent is cordoned");
    ASSERT_EQ(say_of("gpu2", DUTY_UP), 0);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    ASSERT_STR(idle_of("gpu2"), "sweep s1 is paused");
    ASSERT_EQ(kit_command(COMMAND_CANCEL), 0);
    kit_ended(1, 0, 1, "user", 0, 15);
    ASSERT_STR(idle_of("gpu2"), "no sweep is running");
    kit_create("s2", "method: grid\nprogram: t\nresources: {cpus: 64}\n"
                     "parameters: {a: {values: [1, 2, 3]}}\n");
    kit_hello_with(3, "small", "[{}]", "{\"cpus\":2}");
    ASSERT_STR(idle_of("small"), "the trials of sweep s2 need another kind of agent");
    kit_end();
}

TEST(sweep_that_no_host_can_start_fails)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        cannot_start(1, "gpu1", "./tarin: missing");
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_UNSTARTED);
        cannot_start(2, "gpu2", "./tarin: missing");
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_LAUNCH);
        ASSERT_STR(kit_fact(FACT_ENDED, 0)->text,
                   "./tarin: missing (agents gpu1, gpu2 could not start it)");
    }
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    kit_end();
}

TEST(sweep_that_three_hosts_cannot_start_fails)
{
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_hello(3, "gpu3", 1, "[]");
    kit_hello(4, "gpu4", 1, "[]");
    cannot_start(1, "gpu1", "missing");
    cannot_start(2, "gpu2", "missing");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    cannot_start(3, "gpu3", "missing");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FAILED);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_end();
}

/* The sweep runs on gpu4, so the other hosts are to blame, however many they are. */
TEST(sweep_waits_for_the_host_that_runs_it)
{
    kit_begin(many);
    kit_hello(4, "gpu4", 1, "[]");
    kit_tick(1000);
    kit_ended(4, 0, 1, "none", 0, 0);
    for (uint32_t link = 1; link <= 3; link++) {
        char name[] = "gpu1";
        name[3] = (char)('0' + link);
        kit_hello(link, name, 1, "[]");
        cannot_start(link, name, "missing");
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
    }
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 4});
    kit_tick(CONTROLLER_LOST_MS / 2);
    ASSERT_EQ(running_on("gpu1") + running_on("gpu2") + running_on("gpu3"), 0);
    kit_tick(CONTROLLER_LOST_MS / 2); /* it is gone: the others may try again */
    ASSERT_EQ(running_on("gpu1") + running_on("gpu2") + running_on("gpu3"), 3);
    kit_end();
}

/* It has been there and well, but has no slots any more: the barred one is tried again. */
TEST(sweep_does_not_wait_for_a_host_without_slots)
{
    struct arena a;
    uint32_t attempt;
    uint64_t trial;
    arena_init(&a);
    kit_begin(many);
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(1000);
    kit_ended(2, 0, 1, "none", 0, 0);
    kit_hello(1, "gpu1", 1, "[]");
    cannot_start(1, "gpu1", "missing");
    struct value *none = value_list(&a), *slot = value_dict(&a);
    value_put(&a, slot, "why", value_str(&a, "in use"));
    value_push(&a, none, slot);
    kit_say(2, (struct message){.type = MESSAGE_SLOTS, .slots = none});
    trial = trial_on("gpu2", &attempt);
    kit_ended(2, trial, attempt, "none", 0, 0);
    ASSERT_EQ(running_on("gpu1") + running_on("gpu2"), 0);
    kit_tick(10000);
    ASSERT_EQ(running_on("gpu1"), 1);
    kit_end();
    arena_done(&a);
}

TEST(host_that_is_started_anew_tries_again)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    cannot_start(1, "gpu1", "missing");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_hello(3, "gpu1", 1, "[]"); /* the same process */
    ASSERT_EQ(running_on("gpu1"), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 3});
    kit_instance++;
    kit_hello(5, "gpu1", 1, "[]");
    ASSERT_EQ(running_on("gpu1"), 1);
    kit_end();
}

/* A mistake in the script fails everywhere: the sweep pauses, and no host is to blame. */
TEST(host_is_not_blamed_for_the_script)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++)
        fail_on(1, "gpu1", "none", 1);
    ASSERT_EQ(kit_sweep()->state, SWEEP_PAUSED);
    ASSERT_EQ(kit.books.agents.live, 0);
    kit_end();
}

TEST(host_is_blamed_where_the_same_sweep_runs_well_elsewhere)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(12000); /* the one on gpu2 has run for a while */
    uint32_t attempt;
    uint64_t first = trial_on("gpu1", &attempt);
    kit_ended(1, first, attempt, "none", 0, 0); /* so has this one, and well */
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        ASSERT_EQ(kit.books.agents.live, 0);
        fail_on(1, "gpu1", "none", 1);
    }
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_STR(state_of("gpu1"), "cordoned");
    fail_on(2, "gpu2", "none", 1); /* the count of the sweep begins anew */
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    kit_end();
}

/* A power cut takes all attempts of a host at once: that is one death. */
TEST(host_outage_counts_once)
{
    kit_begin(many);
    kit_hello(1, "gpu1", 8, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    kit_tick(1000);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_STR(state_of("gpu1"), "gone");
    ASSERT_EQ(kit.books.agents.live, 0);
    kit_end();
}

TEST(trial_that_three_hosts_died_under_is_poison)
{
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss}\nretry: {host: 100}\n"
              "parameters: {a: {values: [1]}}\n");
    for (uint32_t i = 0; i < 3; i++) {
        const char *const names[] = {"gpu1", "gpu2", "gpu3"};
        kit_hello(i + 1, names[i], 1, "[]");
        ASSERT_STR(kit_trial(0)->attempt.agent, names[i]);
        if (i == 0) { /* twice on the same host is one host */
            kit_ended(1, 0, 1, "shim", 0, 0);
            ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_PENDING);
        }
        kit_ended(i + 1, 0, kit_trial(0)->attempt.number, "shim", 0, 0);
        ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, i < 2 ? TRIAL_PENDING : TRIAL_LOST);
        kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = i + 1});
        kit_tick(CONTROLLER_LOST_MS);
    }
    kit_end();
}

TEST(suspended_controller_gives_agents_time)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_now += 8 * 3600 * 1000; /* it was stopped, and has heard nobody */
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1, .silent_ms = 8 * 3600 * 1000});
    ASSERT(controller_deadline(&kit) > kit_now);
    kit_tick(CONTROLLER_LOST_MS - 1);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
    kit_hello(2, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 2});
    kit_tick(CONTROLLER_LOST_MS);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_HOST);
    kit_end();
}

static void lose(uint32_t link)
{
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = link});
    kit_tick(CONTROLLER_LOST_MS);
}

/* The link was found dead late: the 60 s begin when the host was heard last. */
TEST(host_that_is_gone_has_lost_its_trial_within_a_minute)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_now += 20000;
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1, .silent_ms = 20000});
    kit_tick(39999);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
    ASSERT(controller_deadline(&kit) <= kit_now + 1);
    kit_tick(1);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_HOST);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_hello(2, "gpu2", 1, "[]"); /* runs it again, under the next number */
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->trial, 0);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 2);
    kit_end();
}

/* `besom serve --lost-after`. */
TEST(host_is_lost_after_as_long_as_was_asked_for)
{
    kit_begin(grid);
    kit.lost_ms = 600000;
    kit_hello(1, "gpu1", 1, "[]");
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    for (int i = 0; i < 59; i++)
        kit_tick(10000);
    kit_tick(9999);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_RUNNING);
    kit_tick(1);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_end();
}

static const char one[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                          "parameters: {a: {values: [1]}}\n";

/* The partition heals while the replacement runs: the original goes on, with its metrics. */
TEST(reinstated_attempt_supersedes_its_replacement)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    kit_hello(2, "gpu2", 1, "[]");
    lose(1);
    ASSERT_STR(kit_trial(0)->attempt.agent, "gpu2");
    kit_metrics(2, 0, 2, 0, "{\"loss\": 9}\n");
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    const struct fact *ended = kit_fact(FACT_ENDED, 0);
    ASSERT(ended->attempt == 2 && ended->reason == REASON_SUPERSEDED);
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->attempt, 1);
    ASSERT_EQ(kit_sent(MESSAGE_LAUNCH, 0)->offsets->list.items[0]->i, 12);
    const struct book_trial *t = kit_trial(0);
    ASSERT(t->attempt.number == 1 && t->attempts == 2 && t->lost == 0);
    ASSERT(t->objective.known && t->objective.value == 3);
    kit_metrics(3, 0, 1, 12, "{\"loss\": 2}\n");
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_hello(4, "gpu2", 1, "[[\"s1\", 0, 2]]"); /* it had not heard it */
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    kit_ended(3, 0, 1, "none", 0, 0);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->state, TRIAL_FINISHED);
    kit_end();
}

/* Two were lost, a third runs, and the controller has restarted: the first that returns continues,
 * and of those that return later, only one that began before it. */
TEST(oldest_lost_attempt_supersedes_all_later_ones)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_metrics(1, 0, 1, 0, "{\"loss\": 3}\n");
    lose(1);
    kit_hello(2, "gpu2", 1, "[]");
    kit_metrics(2, 0, 2, 0, "{\"loss\": 2}\n");
    lose(2);
    kit_hello(3, "gpu3", 1, "[]");
    ASSERT_EQ(kit_trial(0)->attempt.number, 3);
    kit_restart();
    kit_hello(4, "gpu3", 1, "[[\"s1\", 0, 3]]");
    kit_hello(5, "gpu2", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->attempt, 3);
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 2);
    ASSERT(kit_trial(0)->objective.value == 2);
    kit_hello(6, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->attempt, 2);
    ASSERT_EQ(kit_fact(FACT_ENDED, 0)->reason, REASON_SUPERSEDED);
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    const struct book_trial *t = kit_trial(0);
    ASSERT(t->objective.value == 3 && t->attempts == 3 && t->lost == 0 && !t->lost_on);
    kit_hello(7, "gpu2", 1, "[[\"s1\", 0, 2]]"); /* it had not heard it */
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    kit_end();
}

/* The oldest has returned: a later one that was lost does not replace it. */
TEST(lost_attempt_does_not_replace_an_older_one)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    lose(1);
    kit_hello(2, "gpu2", 1, "[]");
    lose(2);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    kit_hello(4, "gpu2", 1, "[[\"s1\", 0, 2]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 2);
    ASSERT(!kit_fact(FACT_REINSTATED, 0));
    ASSERT_EQ(kit_trial(0)->attempt.number, 1);
    kit_end();
}

/* An agent that was there without it has lost it for good, whatever it says later. */
TEST(lost_attempt_is_left_behind_by_a_later_one_on_its_agent)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    lose(1);
    kit_hello(2, "gpu1", 1, "[]");
    ASSERT_EQ(kit_trial(0)->attempt.number, 2);
    ASSERT_EQ(kit_trial(0)->asides_n, 0);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1], [\"s1\", 0, 2]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 1);
    kit_end();
}

/* Nor does its end lie before its launch: the store would refuse to read such a fact. */
TEST(superseded_attempt_did_not_run_for_less_than_no_time)
{
    kit_begin(one);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    lose(1);
    kit_skew_ms = -3600000; /* the clock is set back */
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    const struct fact *ended = kit_fact(FACT_ENDED, 0);
    ASSERT_EQ(ended->reason, REASON_SUPERSEDED);
    ASSERT_EQ(ended->ran_ms, 0);
    kit_end();
}

/* Both were lost, and the first returns: a later attempt gets a number of its own. */
TEST(reinstated_attempt_that_fails_is_followed_by_the_next_number)
{
    kit_begin("method: grid\nprogram: t\nmetric: {name: loss}\nretry: {failed: 1}\n"
              "parameters: {a: {values: [1]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    lose(1);
    lose(2);
    ASSERT_EQ(kit_trial(0)->state, TRIAL_PENDING);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_fact(FACT_REINSTATED, 0)->attempt, 1);
    kit_ended(3, 0, 1, "none", 1, 0);
    ASSERT_EQ(kit_fact(FACT_LAUNCHED, 0)->attempt, 3);
    kit_end();
}

/* The first durable end wins: what returns afterwards is forgotten. */
TEST(lost_attempt_does_not_return_after_an_end)
{
    kit_begin(grid);
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 2, "[]");
    lose(1);
    uint32_t attempt;
    while (kit_trial(0) && kit_trial(0)->state != TRIAL_RUNNING)
        kit_ended(2, trial_on("gpu2", &attempt), attempt, "none", 0, 0);
    ASSERT_EQ(kit_trial(0)->attempt.number, 2);
    kit_ended(2, 0, 2, "none", 0, 0);
    kit_hello(3, "gpu1", 1, "[[\"s1\", 0, 1]]");
    ASSERT_EQ(kit_sent(MESSAGE_FORGET, 0)->attempt, 1);
    ASSERT(!kit_fact(FACT_REINSTATED, 0));
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

TEST(agent_that_drained_has_left)
{
    kit_begin(grid);
    ASSERT_EQ(kit_command(COMMAND_PAUSE), 0);
    kit_hello(1, "gpu1", 1, "[]");
    ASSERT_EQ(say_of("gpu1", DUTY_DRAINING), 0);
    kit_step((struct event){.kind = EVENT_LINK_DOWN, .link = 1});
    ASSERT(news_are(EFFECT_AGENT_LEFT, 0));
    ASSERT_EQ(say_of("gpu1", DUTY_DRAINING), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 is draining already, but gone: start it again there");
    ASSERT_EQ(say_of("gpu1", DUTY_UP), 0);
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
