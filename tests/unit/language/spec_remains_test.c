/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/spec_remains.h"

#include "tests/test.h"

static struct arena arena;

static struct spec *remains(const char *text)
{
    arena_init(&arena);
    return spec_remains(&arena, text, strlen(text), NULL);
}

TEST(command_and_names_of_a_spec_with_errors_are_usable)
{
    struct spec *s = remains("method: gird\nprogram: train.py\ncommand: [a, 1.0e-5]\n"
                             "parameters:\n  x: {min: 3, max: 1}\n"
                             "  g: {parameters: {y: {values: 3}, z: 4}}\n");
    ASSERT(s);
    ASSERT_STR(s->program, "train.py");
    ASSERT_EQ(s->command->list.n, 2);
    ASSERT_STR(s->command->list.items[1]->s.ptr, "1e-05");
    ASSERT_EQ(s->space.n, 3);
    ASSERT_STR(s->space.parameters[0].name, "g.y");
    ASSERT_EQ(s->space.parameters[0].depth, 2);
    ASSERT_STR(s->space.parameters[2].name, "x");
    spec_free(s);
    arena_done(&arena);
}

TEST(parameters_may_be_missing)
{
    struct spec *s = remains("program: train.py\n");
    ASSERT(s);
    ASSERT_EQ(s->command->list.n, 4);
    spec_free(s);
    arena_done(&arena);
    s = remains("parameters: 3\n");
    ASSERT(s && !s->program);
    spec_free(s);
    arena_done(&arena);
}

TEST(text_that_is_not_a_spec_has_no_usable_parts)
{
    static const char *const texts[] = {"", "[1]", "a: [", "command: python train.py"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ASSERT(!remains(texts[i]));
        arena_done(&arena);
    }
}
