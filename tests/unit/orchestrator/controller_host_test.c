/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/controller/controller_agent.h"
#include "orchestrator/core/controller/controller_schedule.h"
#include "orchestrator/core/waits.h"

#include <string.h>

#include "base/json.h"
#include "tests/test.h"
#include "tests/unit/orchestrator/controller_kit.h"

static const char grid[] = "method: grid\nprogram: t\nmetric: {name: loss}\n"
                           "parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}}\n";
/* Attempts of 12 s on gpu2, while those on gpu1 fail at once. */
static const char many[] = "method: grid\nprogram: t\nmetric: {name: loss}\nretry: {failed: 100}\n"
                           "parameters: {a: {min: 1, max: 99}}\n";

static void fail_on(uint32_t link, const char *agent, const char *cause, int code)
{
    uint32_t attempt;
    uint64_t trial = kit_trial_on(agent, &attempt);
    kit_ended(link, trial, attempt, cause, code, 0);
}

static void fail_saying(uint32_t link, const char *agent, const char *text)
{
    uint32_t attempt;
    uint64_t trial = kit_trial_on(agent, &attempt);
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
    ASSERT_STR(kit_agent_text("gpu1", "state"), "cordoned");
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
    uint64_t trial = kit_trial_on(agent, &attempt);
    kit_say(link, (struct message){.type = MESSAGE_ENDED,
                                   .sweep = "s1",
                                   .trial = trial,
                                   .attempt = attempt,
                                   .cause = "launch",
                                   .at_ms = (uint64_t)kit_now,
                                   .text = why});
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
    ASSERT_STR(kit_agent_text("gpu1", "text"),
               "cannot start trials of s1: the folder /w is missing");
    ASSERT_STR(kit_agent_text("gpu1", "state"), "up");
    ASSERT_STR(waits_trial(&kit, "s1", 0, &a),
               "for a free slot; agent gpu1 cannot start it: the folder /w is missing");
    cannot_start(1, "gpu1", "the folder /w is missing"); /* its other slot */
    ASSERT_EQ(running_on("gpu1"), 0);
    ASSERT_EQ(kit_trial(0)->failed + kit_trial(0)->lost, 0);
    kit_ended(2, 2, 1, "none", 0, 0);
    ASSERT_EQ(running_on("gpu2"), 1);
    kit_create("s2", "method: grid\nprogram: t\nparameters: {a: {values: [1, 2]}}\n");
    ASSERT_EQ(kit_running("s2"), 2); /* another sweep may well start there */
    ASSERT_EQ(kit_duty("gpu1", DUTY_UP), 0);
    ASSERT_STR(kit_reply()->text, "agent gpu1 tries again to start trials");
    ASSERT_STR(kit_agent_text("gpu1", "text"), "");
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

/* The sweep has ended. In the same step, it is forgotten and the last agent that could start it lost. */
TEST(sweep_that_has_ended_is_forgotten_together_with_its_host)
{
    ASSERT_EQ(CONTROLLER_LOST_MS, CONTROLLER_ENDED_MS); /* both are due in one step */
    kit_begin("method: grid\nprogram: t\nparameters: {a: {values: [1]}}\n");
    kit_hello(1, "gpu1", 1, "[]");
    kit_hello(2, "gpu2", 1, "[]");
    cannot_start(1, "gpu1", "the folder /w is missing");
    kit_ended(2, 0, 2, "none", 0, 0);
    ASSERT_EQ(kit_sweep()->state, SWEEP_FINISHED);
    kit_lose(2);
    ASSERT(!kit_sweep());
    ASSERT(kit_agent_is_lost("gpu2"));
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
    trial = kit_trial_on("gpu2", &attempt);
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
    uint64_t first = kit_trial_on("gpu1", &attempt);
    kit_ended(1, first, attempt, "none", 0, 0); /* so has this one, and well */
    for (int i = 0; i < CONTROLLER_HOST_DEATHS; i++) {
        ASSERT_EQ(kit.books.agents.live, 0);
        fail_on(1, "gpu1", "none", 1);
    }
    ASSERT_EQ(kit_sweep()->state, SWEEP_RUNNING);
    ASSERT_STR(kit_agent_text("gpu1", "state"), "cordoned");
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
    ASSERT_STR(kit_agent_text("gpu1", "state"), "gone");
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
