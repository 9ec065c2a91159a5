/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/wandb_config.h"

#include <math.h>

#include "tests/test.h"

TEST(wandb_config_is_yaml_that_pyyaml_reads_as_the_values)
{
    struct arena a;
    arena_init(&a);
    struct value *params = value_dict(&a), *list = value_list(&a), *group = value_dict(&a);
    value_push(&a, list, value_int(&a, 1));
    value_push(&a, list, value_float(&a, 1e16));
    value_push(&a, list, value_float(&a, NAN));
    value_push(&a, list, value_float(&a, -INFINITY));
    value_put(&a, group, "name", value_str(&a, "a: \"b\"\n"));
    value_put(&a, group, "list", list);
    value_put(&a, params, "amp", value_bool(&a, true));
    value_put(&a, params, "lr", value_float(&a, 1e-05));
    value_put(&a, params, "none", value_null(&a));
    value_put(&a, params, "on", group);
    value_put(&a, params, "x", value_float(&a, 1.5e-07));
    ASSERT_STR(wandb_config_text(&a, params),
               "wandb_version: 1\n"
               "\"amp\":\n  value: true\n"
               "\"lr\":\n  value: 1.0e-05\n"
               "\"none\":\n  value: null\n"
               "\"on\":\n  value: {\"name\": \"a: \\\"b\\\"\\n\", \"list\": [1, 1.0e+16, .nan, "
               "-.inf]}\n"
               "\"x\":\n  value: 1.5e-07\n");
    arena_done(&a);
}
