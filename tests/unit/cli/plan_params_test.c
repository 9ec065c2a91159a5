/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan/plan_params.h"

#include "base/json.h"
#include "language/spec_read.h"
#include "tests/test.h"

static struct arena arena;

static const char *nest(const char *parameters, const char *given, struct err *err)
{
    struct diags d;
    struct value *v = NULL, *params = NULL;
    arena_init(&arena);
    diags_init(&d, &arena, "sweep.yaml");
    const char *text = arena_printf(&arena, "{method: random, parameters: %s}", parameters);
    struct spec *s = spec_read(text, strlen(text), &d);
    ASSERT(s);
    int rc = plan_params_read(&arena, given, &v, err);
    if (rc == 0)
        rc = plan_params_nest(&arena, &s->space, v, &params, err);
    const char *json = rc == 0 ? json_text(&arena, params, JSON_COMPACT) : NULL;
    spec_free(s);
    return json;
}

static void expect(const char *parameters, const char *given, const char *want)
{
    struct err err = {0};
    const char *json = nest(parameters, given, &err);
    ASSERT(json);
    ASSERT_STR(json, want);
    arena_done(&arena);
}

static void expect_error(const char *given, int code, const char *said)
{
    struct err err = {0};
    ASSERT(!nest("{g: {parameters: {b: {value: 1}}}}", given, &err));
    ASSERT_EQ(err.code, code);
    ASSERT(strstr(err.text, said));
    arena_done(&arena);
}

TEST(members_of_groups_go_to_their_groups_and_names_are_sorted)
{
    expect("{z: {value: 1}, g: {parameters: {b: {value: 1}, a: {parameters: {c: {value: 1}}}}}}",
           "{\"z\":1,\"g.b\":2,\"g.a.c\":3}", "{\"g\":{\"a\":{\"c\":3},\"b\":2},\"z\":1}");
}

TEST(a_name_with_dots_of_its_own_stays_whole)
{
    expect("{g.b: {value: 1}}", "{\"g.b\":2}", "{\"g.b\":2}");
    expect("{g.b: {value: 1}, g: {parameters: {b: {value: 1}}}}", "{\"g.b\":2}", "{\"g.b\":2}");
}

TEST(names_and_values_that_are_not_of_the_space_are_taken_as_given)
{
    expect("{a: {value: 1}}", "{\"x.y\":{\"q\":1,\"a\":[1.0,null]},\"a\":\"text\"}",
           "{\"a\":\"text\",\"x.y\":{\"q\":1,\"a\":[1.0,null]}}");
    expect("{g: {parameters: {b: {value: 1}}}}", "{\"g\":{\"b\":2}}", "{\"g\":{\"b\":2}}");
    expect("{a: {value: 1}}", "{}", "{}");
}

TEST(what_is_no_configuration_is_refused)
{
    expect_error("{\"g\":1,\"g.b\":2}", ERR_USAGE, "one contains the other");
    expect_error("[1]", ERR_USAGE, "a JSON object");
    expect_error("{lr: 1}", ERR_USAGE, "--params: ");
    expect_error("@/nowhere/at/all", ERR_NOT_FOUND, "cannot be opened");
}
