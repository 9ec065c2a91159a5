/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/lattice/alike.h"

#include "base/mem.h"
#include "tests/spaces.h"
#include "language/spec_read.h"

static struct spec *read(struct arena *a, const char *text)
{
    struct diags d;
    diags_init(&d, a, "s.yaml");
    struct spec *spec = spec_read(text, strlen(text), &d);
    if (!spec)
        FAIL("%s", d.items[0].message);
    return spec;
}

/* Values that are in the same lists share a class, and no others do. */
TEST(values_in_the_same_lists_are_alike)
{
    enum { VALUES = 12 };
    struct arena arena;
    arena_init(&arena);
    struct spec *spec = read(&arena, "command: [x]\nmethod: grid\nparameters:\n"
                                     "  x: {min: 0, max: 11}\n"
                                     "  y: {min: 0, max: 11}\n"
                                     "  a: {value: 1, when: {x: [1, 2, 3, 4, 5, 4]}}\n"
                                     "  b: {value: 1, when: {x: [4, 5, 6]}}\n"
                                     "  c: {value: 1, when: {x: 5, y: 5}}\n"
                                     "  d: {value: 1, when: y > 4}\n");
    struct value *values[VALUES];
    bool in[VALUES][3] = {0};
    for (int64_t i = 0; i < VALUES; i++) {
        values[i] = value_int(&arena, i);
        in[i][0] = i >= 1 && i <= 5;
        in[i][1] = i >= 4 && i <= 6;
        in[i][2] = i == 5;
    }
    struct alike alike;
    alike_init(&alike, &spec->space);
    for (size_t p = 0; p < spec->space.n; p++) {
        uint32_t *classes = alike_classes(&alike, p, values, VALUES);
        if (strcmp(spec->space.parameters[p].name, "y") == 0)
            ASSERT(classes == NULL);
        for (size_t i = 0; i < VALUES && strcmp(spec->space.parameters[p].name, "x") == 0; i++)
            for (size_t k = 0; k < VALUES; k++)
                ASSERT_EQ(classes[i] == classes[k], memcmp(in[i], in[k], sizeof in[i]) == 0);
        mem_free(classes);
    }
    alike_done(&alike);
    spec_free(spec);
    arena_done(&arena);
}
