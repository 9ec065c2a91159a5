/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_print.h"

#include "base/json.h"
#include "base/yaml/yaml.h"
#include "tests/test.h"

/* Printed and read again, it is the same, kinds of numbers and all. */
static void same_again(const char *json)
{
    struct arena a;
    struct diags d;
    struct value *v;
    struct buf text;
    arena_init(&a);
    ASSERT_EQ(json_parse(&a, json, strlen(json), &v, NULL), 0);
    buf_init(&text, SIZE_MAX);
    yaml_print(&text, v);
    diags_init(&d, &a, NULL);
    const struct yaml_node *node = yaml_read(&a, buf_peek(&text), text.len, &d);
    ASSERT_EQ(d.n, 0);
    ASSERT(node);
    ASSERT_STR(json_text(&a, node->value, JSON_PYTHON), json_text(&a, v, JSON_PYTHON));
    buf_done(&text);
    arena_done(&a);
}

TEST(yaml_print_is_read_as_the_same)
{
    same_again(
        "{\"a\":1,\"b\":1.0,\"c\":1e-05,\"d\":1e+300,\"e\":0.1,\"f\":-2.5e-10,\"g\":5e-324}");
    same_again("{\"n\":null,\"t\":true,\"x\":NaN,\"y\":Infinity,\"z\":-Infinity}");
    same_again("{\"texts\":[\"yes\",\"No\",\"1\",\"1e5\",\"0x10\",\"\",\"~\",\"a b\",\"- "
               "a\",\"#c\",\"a: b\"]}");
    same_again("{\"texts\":[\"é\",\"\\n\",\"\\\"\",\"\\\\\",\"${args}\",\"2026-01-01\",\"1:30\","
               "\"null\",\".5\",\"=\"]}");
    same_again(
        "{\"1\":2,\"a "
        "b\":{\"c\":{\"d\":[]}},\"e\":{},\"f\":[[1,2],[]],\"g\":[{\"h\":1,\"i\":2}],\"yes\":1}");
    same_again("[1,[2,[3,{\"a\":[{}]}]]]");
    same_again("{}");
    same_again("\"yes\"");
}

TEST(yaml_print_is_for_people)
{
    struct arena a;
    struct value *v;
    struct buf text;
    const char *json = "{\"method\":\"tpe\",\"parameters\":{\"lr\":{\"min\":1e-05,\"max\":0.1}},"
                       "\"command\":[\"python\",\"${program}\"],\"initial\":[{\"lr\":0.01}]}";
    arena_init(&a);
    ASSERT_EQ(json_parse(&a, json, strlen(json), &v, NULL), 0);
    buf_init(&text, SIZE_MAX);
    yaml_print(&text, v);
    ASSERT_STR(buf_str(&text), "method: tpe\n"
                               "parameters:\n"
                               "  lr:\n"
                               "    min: 1.0e-05\n"
                               "    max: 0.1\n"
                               "command: [python, \"${program}\"]\n"
                               "initial:\n"
                               "  -\n"
                               "    lr: 0.01\n");
    buf_done(&text);
    arena_done(&a);
}
