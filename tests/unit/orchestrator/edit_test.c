/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "orchestrator/core/edit.h"

#include "base/json.h"
#include "tests/test.h"

static struct arena arena;

static const struct value *read_value(const char *text)
{
    struct value *v = NULL;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

static size_t refused_of(const char *old, const char *new)
{
    size_t refused = 99;
    ASSERT_EQ(edit_compare(read_value(old), read_value(new), NULL, NULL, &refused), 1);
    return refused;
}

TEST(initial_may_only_continue)
{
    arena_init(&arena);
    ASSERT_EQ(refused_of("{\"initial\":[{\"a\":1}]}", "{\"initial\":[{\"a\":1},{\"a\":2}]}"), 0);
    ASSERT_EQ(refused_of("{}", "{\"initial\":[{\"a\":1}]}"), 0);
    ASSERT_EQ(refused_of("{\"initial\":[{\"a\":1}]}", "{\"initial\":[{\"a\":2},{\"a\":1}]}"), 1);
    ASSERT_EQ(refused_of("{\"initial\":[{\"a\":1}]}", "{}"), 1);
    /* A parameter may have the name. */
    ASSERT_EQ(
        refused_of("{\"parameters\":{\"initial\":[1]}}", "{\"parameters\":{\"initial\":[1,2]}}"),
        1);
    arena_done(&arena);
}

TEST(workdir_may_become_an_absolute_path)
{
    arena_init(&arena);
    ASSERT_EQ(refused_of("{\"workdir\":\".\"}", "{\"workdir\":\"/data\"}"), 0);
    ASSERT_EQ(refused_of("{}", "{\"workdir\":\"/data\"}"), 0);
    ASSERT_EQ(refused_of("{\"workdir\":\"/data\"}", "{\"workdir\":\".\"}"), 1);
    ASSERT_EQ(refused_of("{\"workdir\":\"/data\"}", "{}"), 1);
    ASSERT_EQ(refused_of("{\"parameters\":{\"workdir\":\"/a\"}}",
                         "{\"parameters\":{\"workdir\":\"/b\"}}"),
              1);
    arena_done(&arena);
}
