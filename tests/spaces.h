/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Specs built by hand for tests: parameters in W&B's order (sorted names), nested by dots. */
#include "language/spec.h"
#include "tests/test.h"

struct spaces_spec {
    struct arena arena;
    struct spec spec;
    struct parameter parameters[64];
    size_t order[64];
};

static inline void spaces_init(struct spaces_spec *s, enum spec_method method)
{
    *s = (struct spaces_spec){.spec = {.method = method}};
    arena_init(&s->arena);
    s->spec.space.parameters = s->parameters;
    s->spec.space.order = s->order;
}

static inline void spaces_done(struct spaces_spec *s)
{
    arena_done(&s->arena);
}

static inline struct parameter *spaces_add(struct spaces_spec *s, const char *name,
                                           struct parameter p)
{
    const char **path = arena_alloc(&s->arena, 8 * sizeof *path);
    char *rest = arena_strdup(&s->arena, name);
    while (rest) {
        char *dot = strchr(rest, '.');
        path[p.depth++] = rest;
        if (dot)
            *dot++ = '\0';
        rest = dot;
    }
    p.name = arena_strdup(&s->arena, name);
    p.path = path;
    ASSERT(s->spec.space.n < 64);
    s->parameters[s->spec.space.n] = p;
    s->order[s->spec.space.n] = s->spec.space.n;
    return &s->parameters[s->spec.space.n++];
}

static inline void spaces_ints(struct spaces_spec *s, const char *name, int64_t min, int64_t max)
{
    struct parameter p = {.kind = SPACE_INT_UNIFORM, .int_min = min, .int_max = max};
    spaces_add(s, name, p);
}

static inline void spaces_range(struct spaces_spec *s, const char *name, enum space_kind kind,
                                double min, double max)
{
    spaces_add(s, name, (struct parameter){.kind = kind, .min = min, .max = max});
}

/* Values in the order given; probabilities NULL for plain categorical. */
static inline void spaces_values(struct spaces_spec *s, const char *name, struct value *values,
                                 const double *probabilities)
{
    struct parameter p = {
        .kind = probabilities ? SPACE_CATEGORICAL_P : SPACE_CATEGORICAL,
        .values = values,
        .distinct = space_distinct(&s->arena, values),
        .probabilities = probabilities,
    };
    spaces_add(s, name, p);
}

/* The letters of text, each a value. */
static inline struct value *spaces_letters(struct spaces_spec *s, const char *text)
{
    struct value *list = value_list(&s->arena);
    for (; *text; text++)
        value_push(&s->arena, list, value_strn(&s->arena, text, 1));
    return list;
}

/* Two ints, two floats or two strings; numbers of one kind differ in no bit. */
static inline bool spaces_identical(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_FLOAT)
        return memcmp(&a->f, &b->f, sizeof a->f) == 0;
    return value_same(a, b);
}
