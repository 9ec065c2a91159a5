/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests/data/spec cannot show of commands: limits and the caller's side. */
#include "language/command/command.h"
#include "base/json.h"
#include "base/limits.h"
#include "tests/test.h"
#include "language/spec_read.h"

static struct arena arena;

static struct spec *read_text(const char *text)
{
    struct diags d;
    arena_init(&arena);
    diags_init(&d, &arena, "sweep.yaml");
    struct spec *s = spec_read(text, strlen(text), &d);
    ASSERT(s);
    return s;
}

static const char *variable(void *arg, const char *name)
{
    ASSERT_STR(name, "WHO");
    return arg;
}

TEST(a_command_line_is_bounded)
{
    struct spec *s = read_text("{method: grid, program: p, parameters: {a: {value: 1}}}");
    struct command_context ctx = {.interpreter = "python", .params_json = ""};
    struct value *params = value_dict(&arena), *argv = NULL;
    struct err err = {0};
    char *text = malloc(LIMIT_ARGV_BYTES);
    ASSERT(text);
    memset(text, 'x', LIMIT_ARGV_BYTES);
    value_put(&arena, params, "a", value_strn(&arena, text, LIMIT_ARGV_BYTES / 2));
    ASSERT_EQ(command_build(&arena, s, params, &ctx, &argv, &err), 0);
    value_put(&arena, params, "b", value_strn(&arena, text, LIMIT_ARGV_BYTES / 2));
    ASSERT_EQ(command_build(&arena, s, params, &ctx, &argv, &err), ERR_LIMIT);
    value_put(&arena, params, "b", value_strn(&arena, text, LIMIT_ARGV_BYTES));
    ASSERT_EQ(command_build(&arena, s, params, &ctx, &argv, &err), ERR_LIMIT);
    free(text);
    spec_free(s);
    arena_done(&arena);
}

TEST(variables_are_filled_before_macros_are_looked_for)
{
    struct spec *s = read_text("{method: grid, program: p, command: ['${envvar:WHO}', "
                               "'<${envvar:WHO}>', '${args}'], parameters: {a: {value: 1}}}");
    char macro[] = "${program}";
    struct command_context ctx = {
        .interpreter = "python", .params_json = "", .fill = {.getenv = variable, .arg = macro}};
    struct value *params = value_dict(&arena), *argv = NULL;
    struct err err = {0};
    ASSERT_EQ(command_build(&arena, s, params, &ctx, &argv, &err), 0);
    ASSERT_EQ(argv->list.n, 2);
    ASSERT_STR(argv->list.items[0]->s.ptr, "p");
    ASSERT_STR(argv->list.items[1]->s.ptr, "<${program}>");
    spec_free(s);
    arena_done(&arena);
}

TEST(a_variable_may_name_a_missing_program)
{
    struct spec *s =
        read_text("{method: grid, command: [x, '${envvar:WHO}'], parameters: {a: {value: 1}}}");
    char macro[] = "${program}";
    struct command_context ctx = {
        .interpreter = "python", .params_json = "", .fill = {.getenv = variable, .arg = macro}};
    struct value *argv = NULL;
    struct err err = {0};
    ASSERT_EQ(command_build(&arena, s, value_dict(&arena), &ctx, &argv, &err), 0);
    ASSERT_EQ(argv->list.n, 1);
    spec_free(s);
    arena_done(&arena);
}

static struct value *from_json(const char *text)
{
    struct value *v = NULL;
    ASSERT_EQ(json_parse(&arena, text, strlen(text), &v, NULL), 0);
    return v;
}

TEST(a_flag_stands_in_the_place_of_its_parameter)
{
    struct spec *s =
        read_text("{method: grid, program: p, command: ['${args_dotted}', '${args_json}'], "
                  "parameters: {g: {parameters: {a: {values: [1, 2.5, x], flag: {1: '', 2.5: "
                  "[-a, '${envvar:WHO}'], x: -x}}}}, b: {value: 1}}}");
    char who[] = "Ann";
    struct command_context ctx = {
        .interpreter = "python", .params_json = "", .fill = {.getenv = variable, .arg = who}};
    struct value *argv = NULL;
    struct err err = {0};
    static const char *const cases[][2] = {
        {"{\"b\":1,\"g\":{\"a\":1}}", "[\"--b=1\",\"{\\\"b\\\": 1, \\\"g\\\": {\\\"a\\\": 1}}\"]"},
        {"{\"g\":{\"a\":2.5},\"b\":1}",
         "[\"-a\",\"Ann\",\"--b=1\",\"{\\\"g\\\": {\\\"a\\\": 2.5}, \\\"b\\\": 1}\"]"},
        /* Given by hand: a value that has no text. */
        {"{\"g\":{\"a\":7}}", "[\"--g.a=7\",\"{\\\"g\\\": {\\\"a\\\": 7}}\"]"},
        {"{\"g\":1}", "[\"--g=1\",\"{\\\"g\\\": 1}\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ASSERT_EQ(command_build(&arena, s, from_json(cases[i][0]), &ctx, &argv, &err), 0);
        ASSERT_STR(json_text(&arena, argv, JSON_COMPACT), cases[i][1]);
    }
    spec_free(s);
    arena_done(&arena);
}

TEST(flags_of_another_shape_are_ignored)
{
    struct spec *s = read_text("{method: grid, command: ['${args}'], parameters: {a: {value: 1}}}");
    struct command_context ctx = {.interpreter = "python", .params_json = ""};
    static const char *const shapes[] = {
        "1",
        "[1]",
        "[[]]",
        "[[[\"a\"]]]",
        "[[\"a\",[]]]",
        "[[[],[[1,[\"x\"]]]]]",
        "[[[1],[[1,[\"x\"]]]]]",
        "[[[\"a\",\"b\"],[[1,[\"x\"]]]]]",
        "[[[\"a\"],[1,[1],[1,\"x\"],[1,[2]],[1,[\"x\"],3],[2,[\"x\"]]]]]"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct value *argv = NULL;
        struct err err = {0};
        struct spec agent = *s;
        agent.flags = from_json(shapes[i]);
        ASSERT_EQ(command_build(&arena, &agent, from_json("{\"a\":1}"), &ctx, &argv, &err), 0);
        ASSERT_STR(json_text(&arena, argv, JSON_COMPACT), "[\"--a=1\"]");
        ASSERT(!command_fill_is_used(&agent, "${port}"));
    }
    spec_free(s);
    arena_done(&arena);
}

TEST(a_flag_may_name_what_is_filled_in)
{
    struct spec *s = read_text("{method: grid, command: ['${args}'], parameters: {a: {values: [1, "
                               "2], flag: {1: '${port}', 2: '${envvar:WHO}'}}}}");
    struct err err = {0};
    char who[] = "Ann";
    ASSERT(command_fill_is_used(s, "${port}"));
    ASSERT(!command_fill_is_used(s, "${slot}"));
    ASSERT_EQ(command_fill_check(s, variable, who, &err), 0);
    ASSERT_EQ(command_fill_check(s, variable, NULL, &err), ERR_SPEC);
    ASSERT(strstr(err.text, "flag uses ${envvar:WHO}"));
    spec_free(s);
    arena_done(&arena);
}

TEST(parameters_are_taken_in_the_order_given)
{
    struct spec *s = read_text("{method: grid, program: p, parameters: {a: {value: 1}}}");
    struct command_context ctx = {.interpreter = "python3", .params_json = ""};
    struct value *params = value_dict(&arena), *argv = NULL;
    struct err err = {0};
    value_put(&arena, params, "z", value_int(&arena, 1));
    value_put(&arena, params, "a", value_float(&arena, 1));
    ASSERT_EQ(command_build(&arena, s, params, &ctx, &argv, &err), 0);
    ASSERT_STR(argv->list.items[1]->s.ptr, "python3");
    ASSERT_STR(argv->list.items[3]->s.ptr, "--z=1");
    ASSERT_STR(argv->list.items[4]->s.ptr, "--a=1.0");
    spec_free(s);
    arena_done(&arena);
}
