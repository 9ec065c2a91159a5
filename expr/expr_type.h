/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What kinds of value an expression can have, found without computing it: to say of a text that is
 * held against a number, while the spec is read, that it makes no sense. */
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
    /* Hears of what never makes sense, each cause once. */
    void (*say)(void *arg, const struct expr *at, const char *message);
    void *arg;
    struct arena *arena;
};

/* The kinds that e can have; 0 where none, which is said. */
unsigned expr_type(const struct expr_types *t, const struct expr *e);
