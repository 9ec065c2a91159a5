/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/alert/alert_message.h"

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;

static struct value *read_json(const char *json)
{
    struct value *v;
    struct err err;
    if (json_parse(&arena, json, strlen(json), &v, &err) != 0)
        FAIL("%s", err.text);
    return v;
}

TEST(a_message_names_its_sweep_and_links_to_it)
{
    const struct alert_message m = {.kind = "failures",
                                    .level = "WARN",
                                    .what = "the last 5 trials failed",
                                    .sweep = "k3f9",
                                    .name = "digits",
                                    .trial = 7,
                                    .page = "https://gpu0:8470",
                                    .time_ms = 1500};
    ASSERT_STR(alert_message_text(&arena, &m),
               "{\"kind\":\"failures\",\"level\":\"WARN\",\"title\":\"sweep digits (k3f9): the "
               "last 5 trials "
               "failed\",\"text\":\"sweep digits (k3f9): the last 5 trials "
               "failed\\nhttps://gpu0:8470/s/k3f9\",\"link\":\"https://gpu0:8470/s/"
               "k3f9\",\"sweep\":\"k3f9\","
               "\"name\":\"digits\",\"trial\":\"k3f9-7\",\"agents\":[],\"time\":1.5}");
    arena_done(&arena);
}

TEST(a_message_is_bounded)
{
    char *long_text = arena_alloc(&arena, 200000);
    struct value *names = value_list(&arena);
    for (size_t i = 0; i + 3 < 200000; i += 2)
        memcpy(long_text + i, "ü", 3);
    for (int i = 0; i < 5000; i++)
        value_push(&arena, names, value_str(&arena, "agent"));
    const struct alert_message m = {.kind = "away",
                                    .level = "WARN",
                                    .what = long_text,
                                    .sweep = "k3f9",
                                    .name = long_text,
                                    .agents = names,
                                    .trial = -1};
    const char *text = alert_message_text(&arena, &m);
    ASSERT(strlen(text) < 4096);
    ASSERT_EQ(value_get(read_json(text), "agents")->list.n, ALERT_MESSAGE_AGENTS);
    arena_done(&arena);
}

static const char *end_of(const char *json, const char *level)
{
    const char *is;
    const char *text = alert_message_end(&arena, read_json(json), &is);
    ASSERT_STR(is, level);
    return text;
}

TEST(a_message_says_how_a_sweep_ended)
{
    ASSERT_STR(
        end_of("{\"state\":\"finished\",\"reason\":null,\"counts\":{\"finished\":28,\"failed\":2},"
               "\"metric\":{\"name\":\"loss\"},\"best\":{\"id\":\"k3f9-7\",\"objective\":0.03125}}",
               "INFO"),
        "finished: 28 finished, 2 failed; best loss 0.03125, trial k3f9-7");
    ASSERT_STR(end_of("{\"state\":\"finished\",\"reason\":\"budget\",\"counts\":{\"failed\":3},"
                      "\"best\":null}",
                      "ERROR"),
               "ended without a result (budget): 3 failed");
    ASSERT_STR(end_of("{\"state\":\"cancelled\",\"reason\":\"user\",\"counts\":{}}", "WARN"),
               "cancelled: no trial ran");
    arena_done(&arena);
}
