/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "cli/print/configuration.h"
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
