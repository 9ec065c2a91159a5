/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "cli/configuration.h"
#include "tests/test.h"

static struct arena arena;
static struct buf out;

static struct value *read(const char *json)
{
    struct value *v;
    struct err err = {0};
    if (json_parse(&arena, json, strlen(json), &v, &err))
        FAIL("%s", err.text);
    return v;
}

static const char *yaml(const char *json)
{
    buf_clear(&out);
    configuration_yaml(&out, read(json), 0);
    return buf_str(&out);
}

TEST(yaml_reads_back_as_the_same_values)
{
    arena_init(&arena);
    buf_init(&out, SIZE_MAX);
    ASSERT_STR(yaml("{\"lr\":0.01,\"n\":3,\"m\":{\"d\":1.0,\"e\":{}},\"on\":\"relu\"}"),
               "lr: 0.01\nn: 3\nm:\n  d: 1.0\n  e: {}\n\"on\": relu\n");
    ASSERT_STR(yaml("{\"a\":\"yes\",\"b\":\"1e5\",\"c\":\"x: y\",\"d\":[1,\"z\"],\"e\":null}"),
               "a: \"yes\"\nb: \"1e5\"\nc: \"x: y\"\nd: [1,\"z\"]\ne: null\n");
    buf_done(&out);
    arena_done(&arena);
}

TEST(the_command_can_be_pasted)
{
    arena_init(&arena);
    buf_init(&out, SIZE_MAX);
    struct err err = {0};
    const struct value *content =
        read("{\"program\":\"train.py\",\"method\":\"random\",\"metric\":{\"name\":\"x\"},"
             "\"command\":[\"run it\",\"${program}\",\"${args}\"],"
             "\"parameters\":{\"lr\":{\"min\":0.0,\"max\":1.0},\"s\":{\"values\":[\"a'b\"]}}}");
    int rc =
        configuration_command(&out, content, "/tmp/a b", read("{\"lr\":0.5,\"s\":\"a'b\"}"), &err);
    if (rc)
        FAIL("%s", err.text);
    ASSERT_STR(buf_str(&out), "cd '/tmp/a b' && 'run it' train.py --lr=0.5 '--s=a'\\''b'");
    buf_clear(&out);
    ASSERT_EQ(configuration_command(&out, read("{}"), NULL, read("{}"), &err), ERR_SPEC);
    buf_done(&out);
    arena_done(&arena);
}
