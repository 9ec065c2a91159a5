/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/json.h"
#include "protocol/wandb/wandb_yaml.h"
#include "tests/test.h"

static struct arena arena;

static const char *yaml_of(const char *json)
{
    struct value *v = NULL;
    if (json_parse(&arena, json, strlen(json), &v, NULL) != 0)
        return "malformed";
    return wandb_yaml_text(&arena, v);
}

TEST(wandb_yaml_has_floats_that_stay_numbers)
{
    ASSERT_STR(yaml_of("{\"lr\":1e-05}"), "\"lr\": 1.0e-05\n");
    ASSERT_STR(yaml_of("{\"big\":1e+30}"), "\"big\": 1.0e+30\n");
    ASSERT_STR(yaml_of("{\"b\":2.5e-7}"), "\"b\": 2.5e-07\n");
    ASSERT_STR(yaml_of("{\"n\":[NaN,Infinity,-Infinity,1.0,1]}"),
               "\"n\": [.nan, .inf, -.inf, 1.0, 1]\n");
    arena_done(&arena);
}

TEST(wandb_yaml_quotes_texts_and_keys)
{
    ASSERT_STR(yaml_of("{\"method\":\"grid\",\"parameters\":{\"no\":{\"value\":\"1e-3\"}}}"),
               "\"method\": \"grid\"\n\"parameters\": {\"no\": {\"value\": \"1e-3\"}}\n");
    ASSERT_STR(yaml_of("{\"a\":[],\"b\":{},\"c\":null,\"d\":true}"),
               "\"a\": []\n\"b\": {}\n\"c\": null\n\"d\": true\n");
    ASSERT_STR(yaml_of("{\"command\":[\"a: b\",\"#x\",\"${args}\",\"two\\nlines\"]}"),
               "\"command\": [\"a: b\", \"#x\", \"${args}\", \"two\\nlines\"]\n");
    ASSERT_STR(yaml_of("{}"), "");
    arena_done(&arena);
}
