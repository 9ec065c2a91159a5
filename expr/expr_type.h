/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The kinds of value that an expression can have, found without computing it: so a comparison of
 * text with a number is reported while the spec is read. */
#include "expr/expr.h"

/* Sets of kinds: EXPR_TYPE(VALUE_INT) | … */
#define EXPR_TYPE(kind) (1u << (kind))
enum {
    EXPR_TYPE_NUMBER = EXPR_TYPE(VALUE_BOOL) | EXPR_TYPE(VALUE_INT) | EXPR_TYPE(VALUE_FLOAT),
    EXPR_TYPE_ANY = EXPR_TYPE_NUMBER | EXPR_TYPE(VALUE_NULL) | EXPR_TYPE(VALUE_STR) |
                    EXPR_TYPE(VALUE_LIST) | EXPR_TYPE(VALUE_DICT)
};

struct expr_types {
    const unsigned *of; /* of each parameter */
    /* Is called for what never makes sense, once for each cause. */
    void (*say)(void *arg, const struct expr *at, const char *message);
    void *arg;
    struct arena *arena;
};

/* The kinds that e can have; 0 if there are none, which was reported. */
unsigned expr_type(const struct expr_types *t, const struct expr *e);
