/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A parameter's mapping, sorted into the fields that W&B's schema knows and our own `expr`,
 * `flag` and `when`, before anything is made of them. */
#include "language/reader/spec_node.h"

#define SPEC_DRAFT_FIELDS(X)          \
    X(A, "a")                         \
    X(B, "b")                         \
    X(DISTRIBUTION, "distribution")   \
    X(EXPR, "expr")                   \
    X(FLAG, "flag")                   \
    X(MAX, "max")                     \
    X(MIN, "min")                     \
    X(MU, "mu")                       \
    X(PARAMETERS, "parameters")       \
    X(PROBABILITIES, "probabilities") \
    X(Q, "q")                         \
    X(SIGMA, "sigma")                 \
    X(VALUE, "value")                 \
    X(VALUES, "values")               \
    X(WHEN, "when")

enum spec_field {
#define X(id, name) FIELD_##id,
    SPEC_DRAFT_FIELDS(X)
#undef X
        FIELD_COUNT
};

#define FIELD_BIT(id) (1u << FIELD_##id)

struct spec_draft {
    struct spec_node node;
    unsigned present; /* FIELD_BIT(…) of each that is there */
    struct spec_node fields[FIELD_COUNT];
    size_t depth; /* 1 at the top */
};

extern const char *const spec_draft_fields[FIELD_COUNT]; /* their names */
/* The enum spec_field of that name; -1 where there is none. */
int spec_draft_field(const char *name);
const char *spec_draft_field_name(enum spec_field field);
bool spec_draft_is_field(const char *key);
/* The given fields that are present, in the order of the file; returns how many. */
size_t spec_draft_in_order(const struct spec_draft *d, unsigned fields, int ids[FIELD_COUNT]);
/* The first of the given fields in the file; the parameter itself if none is present. */
const struct spec_node *spec_draft_first(const struct spec_draft *d, unsigned fields);
/* "`min` and `max`" */
const char *spec_draft_names(struct spec_reader *r, unsigned fields);
