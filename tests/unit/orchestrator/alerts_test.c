/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/reasons/alerts.h"

#include <string.h>

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;

/* The texts, a line each. */
static const char *texts_of(const struct value *alerts)
{
    const char *text = "";
    for (size_t i = 0; i < alerts->list.n; i++)
        text =
            arena_printf(&arena, "%s%s\n", text, value_get_str(alerts->list.items[i], "text", "?"));
    return text;
}

static struct value *agents_of(const char *json)
{
    struct value *v;
    struct err err;
    ASSERT_EQ(json_parse(&arena, json, strlen(json), &v, &err), 0);
    return alerts_of_agents(v, &arena);
}

TEST(alerts_say_each_cause_once_and_count)
{
    struct value *alerts = agents_of("[{\"name\":\"a\",\"state\":\"up\",\"slots\":[{\"trial\":null,"
                                     "\"why_idle\":\"quarantined: Xid 79\"},"
                                     "{\"trial\":null,\"why_idle\":\"quarantined: Xid "
                                     "79\"},{\"trial\":\"x-1\",\"why_idle\":null}]},"
                                     "{\"name\":\"b\",\"state\":\"away\",\"slots\":[]},{\"name\":"
                                     "\"c\",\"state\":\"away\",\"slots\":[]},"
                                     "{\"name\":\"d\",\"state\":\"away\",\"slots\":[]},{\"name\":"
                                     "\"e\",\"state\":\"away\",\"slots\":[]},"
                                     "{\"name\":\"f\",\"state\":\"cordoned\",\"text\":\"3 attempts "
                                     "in a row failed or were lost on it\",\"slots\":[]},"
                                     "{\"name\":\"g\",\"state\":\"gone\",\"slots\":[]},"
                                     "{\"name\":\"h\",\"state\":\"away\",\"duty\":\"draining\","
                                     "\"slots\":[]}]");
    ASSERT_STR(texts_of(alerts),
               "2 slots of a: quarantined: Xid 79\n"
               "agents b, c, d and 1 more are away\n"
               "agent f is cordoned: 3 attempts in a row failed or were lost on it\n");
    ASSERT_EQ(value_get_int(alerts->list.items[1], "n", 0), 4);
    ASSERT_EQ(value_get(alerts->list.items[1], "agents")->list.n, 4);
    ASSERT_STR(
        texts_of(agents_of("[{\"name\":\"a\",\"state\":\"up\",\"text\":null,\"slots\":[]}]")), "");
    arena_done(&arena);
}

TEST(agents_that_are_lost_are_one_message_until_they_are_forgotten)
{
    struct value *one =
        agents_of("[{\"name\":\"a\",\"state\":\"gone\",\"lost\":true,\"seen\":7200.5},"
                  "{\"name\":\"b\",\"state\":\"gone\",\"lost\":false,\"seen\":1}]");
    ASSERT_STR(texts_of(one), "agent a is gone; if it does not return: besom forget a\n");
    ASSERT(value_get_float(one->list.items[0], "since", 0) == 7200.5);
    struct value *two =
        agents_of("[{\"name\":\"a\",\"state\":\"gone\",\"lost\":true,\"seen\":7200},"
                  "{\"name\":\"b\",\"state\":\"gone\",\"lost\":true,\"seen\":3600}]");
    ASSERT_STR(texts_of(two),
               "agents a, b are gone; for each that does not return: besom forget NAME\n");
    ASSERT(value_get_float(two->list.items[0], "since", 0) == 3600);
    arena_done(&arena);
}

/* Somebody may have switched it off to repair it, as long as it runs nothing. */
TEST(agent_that_is_cordoned_or_drains_is_missed_only_with_its_trials)
{
    static const char *const duties[] = {"cordoned", "draining"};
    for (size_t i = 0; i < 2; i++) {
        const char *slots = "[{\"trial\":\"x-1\"}]";
        const char *said = arena_printf(&arena, "{\"name\":\"a\",\"duty\":\"%s\",", duties[i]);
        ASSERT_STR(
            texts_of(agents_of(arena_printf(&arena, "[%s\"state\":\"away\",\"slots\":[]}]", said))),
            "");
        ASSERT_STR(texts_of(agents_of(arena_printf(
                       &arena, "[%s\"state\":\"gone\",\"lost\":true,\"slots\":[]}]", said))),
                   "");
        ASSERT_STR(texts_of(agents_of(
                       arena_printf(&arena, "[%s\"state\":\"away\",\"slots\":%s}]", said, slots))),
                   "agent a is away\n");
    }
    arena_done(&arena);
}

TEST(a_disk_that_is_nearly_full_is_a_message_of_its_host)
{
    static const char full[] = "{\"name\":\"%s\",\"state\":\"%s\",\"slots\":[],\"load\":{\"disk\":"
                               "{\"free\":1610612736,\"total\":966367641600,\"low\":%s}}}";
    struct value *alerts =
        agents_of(arena_printf(&arena, "[%s,%s,%s]", arena_printf(&arena, full, "a", "up", "true"),
                               arena_printf(&arena, full, "b", "up", "false"),
                               arena_printf(&arena, full, "c", "up", "true")));
    ASSERT_STR(value_get_str(alerts->list.items[0], "kind", ""), "disk");
    ASSERT_STR(texts_of(alerts), "the disk of agent a is nearly full: 1.5 of 900 GiB are free\n"
                                 "the disk of agent c is nearly full: 1.5 of 900 GiB are free\n");
    arena_done(&arena);
}

static const char *sweep_of(struct alerts_sweep s)
{
    return texts_of(alerts_of_sweep(&s, &arena));
}

TEST(alerts_of_failures_are_one_message)
{
    ASSERT_STR(sweep_of((struct alerts_sweep){0}), "");
    ASSERT_STR(sweep_of((struct alerts_sweep){
                   .ended = 2, .failed = 2, .recent = 2, .recent_failed = 2, .streak = 2}),
               "");
    ASSERT_STR(sweep_of((struct alerts_sweep){
                   .ended = 8, .failed = 8, .recent = 8, .recent_failed = 8, .streak = 8}),
               "all 8 trials that ended failed\n");
    ASSERT_STR(sweep_of((struct alerts_sweep){
                   .ended = 90, .failed = 5, .recent = 20, .recent_failed = 5, .streak = 5}),
               "the last 5 trials failed\n");
    ASSERT_STR(sweep_of((struct alerts_sweep){
                   .ended = 90, .failed = 6, .recent = 20, .recent_failed = 6, .streak = 1}),
               "6 of the last 20 trials failed\n");
    ASSERT_STR(sweep_of((struct alerts_sweep){
                   .ended = 90, .failed = 5, .recent = 20, .recent_failed = 5, .streak = 1}),
               "");
    arena_done(&arena);
}

TEST(alerts_of_silence_and_budgets)
{
    const struct alerts_budget budgets[] = {{"79 of 100 GPU-hours", 0.79},
                                            {"2.5 of 3 hours", 0.8333}};
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 2, .silent_s = 2000, .usual_s = 300}),
               "no trial has ended for 33 min: nine in ten take less than 5 min\n");
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 2, .silent_s = 1100, .usual_s = 300}), "");
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 0, .silent_s = 9000, .usual_s = 300}), "");
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 1, .silent_s = 50, .usual_s = 1}), "");
    struct value *lost = value_list(&arena);
    value_push(&arena, lost, value_int(&arena, 4));
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 3, .lost = lost, .metric = "loss"}),
               "trial 4 still runs, but its loss stays NaN or infinite\n");
    value_push(&arena, lost, value_int(&arena, 7));
    ASSERT_STR(sweep_of((struct alerts_sweep){.running = 3, .lost = lost, .metric = "loss"}),
               "2 trials still run, but their loss stays NaN or infinite\n");
    ASSERT_STR(sweep_of((struct alerts_sweep){.budgets = budgets, .budgets_n = 2}),
               "83 % of its budget is used: 2.5 of 3 hours\n");
    arena_done(&arena);
}
