/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The functions of expressions, by name: Python's built-in ones and those of its math module. */
#include "expr/expr.h"

enum { EXPR_FUNCTION_ARGS_MAX = 16 };

struct expr_function {
    const char *name;
    uint32_t least, most; /* arguments */
    enum { EXPR_GIVES_FLOAT, EXPR_GIVES_INT, EXPR_GIVES_SAME } gives;
    bool (*call)(const struct value *args, size_t n, struct value *ret, const char **ret_why);
};

const struct expr_function *expr_function_find(const char *name, size_t len);
const char *expr_function_near(const char *name);
