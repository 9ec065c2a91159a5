/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests/data/spec cannot show of commands: limits and the caller's side. */
#include "language/command/command.h"
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

TEST(a_variable_that_names_a_program_there_is_none)
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
