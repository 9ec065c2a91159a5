/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/control_request.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "tests/test.h"

static struct arena arena;
static struct control_request got;
static struct err err;

static int parse(const char *line)
{
    err = (struct err){0};
    return control_request_parse(&arena, line, strlen(line), &got, &err);
}

TEST(control_request_is_a_command)
{
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"k3f9\"}"), 0);
    ASSERT_EQ(got.kind, CONTROL_EVENT);
    ASSERT_EQ(got.event.kind, EVENT_COMMAND);
    ASSERT_EQ(got.event.command, COMMAND_STOP);
    ASSERT_STR(got.event.sweep, "k3f9");
    arena_done(&arena);
}

TEST(control_request_stops_one_trial)
{
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trial\":3}"), 0);
    ASSERT_EQ(got.event.kind, EVENT_STOP);
    ASSERT_EQ(got.event.trial, 3);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trial\":-1}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trial\":\"x\"}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trials\":[5,3,5,3]}"), 0);
    ASSERT_EQ(got.event.kind, EVENT_STOP);
    ASSERT_EQ(got.event.trials_n, 2);
    ASSERT_EQ(got.event.trials[1], 5);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trials\":[]}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trials\":[3,\"x\"]}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"trials\":[3],\"trial\":3}"), ERR_USAGE);
    arena_done(&arena);
}

TEST(control_request_counts_a_tag_once)
{
    ASSERT_EQ(
        parse("{\"op\":\"tag\",\"sweep\":\"s\",\"trials\":[3,5,3],\"add\":[\"b\",\"a\",\"b\"],"
              "\"remove\":[\"c\",\"c\"]}"),
        0);
    ASSERT_EQ(got.event.kind, EVENT_TAG);
    ASSERT_STR(json_text(&arena, got.event.tag->trials, JSON_COMPACT), "[3,5]");
    ASSERT_STR(json_text(&arena, got.event.tag->add, JSON_COMPACT), "[\"b\",\"a\"]");
    ASSERT_STR(json_text(&arena, got.event.tag->remove, JSON_COMPACT), "[\"c\"]");
    ASSERT_EQ(parse("{\"op\":\"tag\",\"sweep\":\"s\",\"add\":[\"a\"],\"trials\":[1,\"x\"]}"),
              ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"tag\",\"sweep\":\"s\",\"add\":[],\"remove\":[]}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"tag\",\"sweep\":\"s\",\"add\":\"a\"}"), ERR_USAGE);
    arena_done(&arena);
}

TEST(control_request_is_a_retry)
{
    ASSERT_EQ(parse("{\"op\":\"retry\",\"sweep\":\"s\",\"states\":[\"failed\"],\"trials\":[3,5]}"),
              0);
    ASSERT_EQ(got.event.kind, EVENT_RETRY);
    ASSERT_EQ(got.event.retry->states, MACHINE_TO(TRIAL_FAILED));
    ASSERT_EQ(got.event.retry->numbers_n, 2);
    ASSERT_EQ(got.event.retry->numbers[1], 5);
    arena_done(&arena);
}

TEST(control_request_is_a_configuration)
{
    ASSERT_EQ(parse("{\"op\":\"enqueue\",\"sweep\":\"s\",\"params\":{\"a\":1},\"repeats\":3}"), 0);
    ASSERT_EQ(got.event.kind, EVENT_ENQUEUE);
    ASSERT_EQ(value_get_int(got.event.enqueue->params, "a", 0), 1);
    ASSERT(got.event.enqueue->repeats && got.event.enqueue->of == 3 && !got.event.enqueue->by);
    ASSERT_EQ(parse("{\"op\":\"enqueue\",\"sweep\":\"s\",\"params\":[]}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"enqueue\",\"sweep\":\"s\",\"repeats\":3,\"times\":20}"), 0);
    ASSERT(got.event.enqueue->of == 3 && got.event.enqueue->times == 20);
    static const char *const bad[] = {"\"repeats\":3,\"times\":21", "\"repeats\":3,\"times\":0",
                                      "\"times\":3", "\"repeats\":3,\"times\":\"3\"",
                                      "\"repeats\":3,\"times\":3,\"params\":{}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"op\":\"enqueue\",\"sweep\":\"s\",%s}", bad[i]);
        ASSERT_EQ(parse(text), ERR_USAGE);
    }
    arena_done(&arena);
}

TEST(control_request_is_about_agents)
{
    ASSERT_EQ(parse("{\"op\":\"agent\",\"agent\":\"gpu1\",\"state\":\"draining\"}"), 0);
    ASSERT_EQ(got.event.kind, EVENT_AGENT);
    ASSERT_STR(got.event.agent->name, "gpu1");
    ASSERT_EQ(got.event.agent->duty, DUTY_DRAINING);
    ASSERT_EQ(parse("{\"op\":\"agent\",\"agent\":\"gpu1\",\"state\":\"gone\"}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"agent\",\"state\":\"up\"}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"agents\"}"), 0);
    ASSERT_EQ(got.kind, CONTROL_AGENTS);
    arena_done(&arena);
}

TEST(control_request_is_a_credential)
{
    static const char *const forms[] = {"secret", "key"};
    for (int i = 0; i < 2 * CREDENTIAL_SCOPE_COUNT; i++) {
        bool fits = i < CREDENTIAL_SCOPE_COUNT && i != CREDENTIAL_TRIAL;
        char line[400];
        snprintf(line, sizeof line,
                 "{\"op\":\"token_create\",\"fact\":{\"kind\":\"token_created\",\"time\":1,"
                 "\"token\":\"abcdefg1\",\"scope\":\"%s\",\"form\":\"%s\",\"hash\":"
                 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
                 "\"store\":\"\",\"by\":\"\"}}",
                 credential_scope_name((enum credential_scope)(i % CREDENTIAL_SCOPE_COUNT)),
                 forms[i / CREDENTIAL_SCOPE_COUNT]);
        ASSERT_EQ(parse(line), fits ? 0 : ERR_USAGE);
        ASSERT_EQ(got.event.kind, EVENT_TOKEN_CREATE);
    }
    ASSERT_EQ(parse("{\"op\":\"token_create\",\"fact\":{}}"), ERR_USAGE);
    ASSERT_EQ(parse("{\"op\":\"token_revoke\",\"token\":\"abcdefg1\"}"), 0);
    ASSERT_STR(got.event.token, "abcdefg1");
    ASSERT_EQ(parse("{\"op\":\"token_revoke\"}"), ERR_USAGE);
    arena_done(&arena);
}

TEST(control_request_is_an_edit_as_the_store_keeps_it)
{
    struct value *content = value_dict(&arena), *v = value_dict(&arena);
    value_put(&arena, content, "x", value_float(&arena, 1.0));
    value_put(&arena, content, "y", value_float(&arena, -1.0 / 0.0));
    const struct fact f = {.kind = FACT_SWEEP_EDITED,
                           .sweep = "s",
                           .path = "/a\xc3\xa9",
                           .workdir = "/",
                           .content = content,
                           .total = UINT64_MAX};
    value_put(&arena, v, "op", value_str(&arena, "edit"));
    value_put(&arena, v, "sweep", value_str(&arena, "s"));
    value_put(&arena, v, "fact", fact_encode(&arena, &f));
    ASSERT_EQ(parse(json_text(&arena, v, JSON_PYTHON)), 0);
    ASSERT_EQ(got.event.kind, EVENT_EDIT);
    ASSERT_STR(got.event.create->path, f.path);
    ASSERT(!got.event.create->name && !got.event.create->place);
    ASSERT(got.event.create->total == UINT64_MAX);
    ASSERT_STR(json_text(&arena, got.event.create->content, JSON_PYTHON),
               json_text(&arena, content, JSON_PYTHON));
    arena_done(&arena);
}

TEST(control_request_is_a_new_sweep)
{
    ASSERT_EQ(
        parse(
            "{\"op\":\"create\",\"sweep\":\"k3f9\",\"fact\":{\"kind\":\"sweep_created\",\"time\":0,"
            "\"sweep\":\"s\",\"path\":\"/\",\"workdir\":\"/"
            "\",\"total\":0,\"seed\":1,\"n\":7,\"content\":{}}}"),
        0);
    ASSERT_EQ(got.event.kind, EVENT_CREATE);
    ASSERT_STR(got.event.create->sweep, "k3f9");
    ASSERT_EQ(got.event.create->n, 0);
    arena_done(&arena);
}

TEST(control_request_refuses_malformed_lines)
{
    static const char *const lines[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"op\":\"stop\"}",
        "{\"op\":7,\"sweep\":\"s\"}",
        "{\"op\":\"dance\",\"sweep\":\"s\"}",
        "{\"op\":\"stop\",\"sweep\":[]}",
        "{\"op\":\"stop\",\"sweep\":\"s\"} x",
        "{\"op\":\"retry\",\"sweep\":\"s\"}",
        "{\"op\":\"retry\",\"sweep\":\"s\",\"states\":[7]}",
        "{\"op\":\"retry\",\"sweep\":\"s\",\"states\":[],\"trials\":[-1]}",
        "{\"op\":\"edit\",\"sweep\":\"s\"}",
        "{\"op\":\"edit\",\"sweep\":\"s\",\"fact\":[]}",
        "{\"op\":\"edit\",\"sweep\":\"s\",\"fact\":{\"kind\":\"sweep_edited\",\"time\":0,\"sweep\":"
        "\"s\"}}",
        "{\"op\":\"edit\",\"sweep\":\"s\",\"fact\":{\"kind\":\"sweep_state\",\"time\":0,\"sweep\":"
        "\"s\","
        "\"state\":\"paused\"}}",
        "{\"op\":\"edit\",\"sweep\":\"s\",\"fact\":{\"kind\":\"sweep_edited\",\"time\":0,\"sweep\":"
        "\"s\","
        "\"path\":\"/\",\"workdir\":\"/\",\"total\":0,\"content\":[]}}",
        "{\"op\":\"create\",\"sweep\":\"../"
        "s\",\"fact\":{\"kind\":\"sweep_created\",\"time\":0,\"sweep\":"
        "\"s\",\"path\":\"/\",\"workdir\":\"/\",\"total\":0,\"seed\":1,\"n\":7,\"content\":{}}}",
        "{\"op\":\"retry\",\"sweep\":\"s\",\"states\":[],\"quick\":1000000}",
        "{\"op\":\"log\"}",
        "{\"op\":\"log\",\"sweep\":\"s1\",\"trial\":0}",
        "{\"op\":\"log\",\"sweep\":\"s1\",\"agent\":\"a\"}",
        "{\"op\":\"log\",\"sweep\":\"s1\",\"agent\":\"a\",\"trial\":\"x\"}",
        "{\"op\":\"waits\"}",
        "{\"op\":\"waits\",\"sweep\":\"s1\",\"trial\":-1}",
        "{\"op\":\"waits\",\"sweep\":\"s1\",\"trial\":\"a\"}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ASSERT_EQ(parse(lines[i]), ERR_USAGE);
    arena_done(&arena);
}

/* Short in the line, and large once it is read. */
TEST(control_request_refuses_too_many_values)
{
    struct buf line;
    buf_init(&line, SIZE_MAX);
    buf_adds(&line, "{\"op\":\"stop\",\"sweep\":\"s\",\"of\":[\"[,,,\\\",\"");
    for (size_t i = 0; i < 2 * LIMIT_YAML_NODES; i++)
        buf_adds(&line, ",1");
    buf_adds(&line, "]}");
    ASSERT_EQ(parse(buf_str(&line)), ERR_LIMIT);
    ASSERT(arena.bytes == 0);
    ASSERT_EQ(parse("{\"op\":\"stop\",\"sweep\":\"s\",\"of\":[\"[,,,\\\",\",[]]}"), 0);
    buf_done(&line);
    arena_done(&arena);
}
