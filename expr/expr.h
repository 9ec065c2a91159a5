/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Expressions over the parameters of a space: a small part of Python's, with its meaning. Each
 * evaluation ends, has no side effects, and is bounded in text and nodes. A tree is made once and
 * never changed. Knows parameters by their index alone; docs/reference.md is the language. */
#include <stdint.h>
#include "base/buf.h"
#include "base/value.h"

enum expr_op {
    EXPR_VALUE,
    EXPR_NAME,
    EXPR_LIST,
    EXPR_CALL,
    EXPR_IF, /* a if b else c */
    EXPR_OR,
    EXPR_AND,
    EXPR_NOT,
    EXPR_COMPARE,
    EXPR_ADD,
    EXPR_SUB,
    EXPR_MUL,
    EXPR_DIV,
    EXPR_FLOOR_DIV,
    EXPR_MOD,
    EXPR_NEGATE,
    EXPR_POW
};

enum expr_comparison {
    EXPR_LESS,
    EXPR_LESS_EQUAL,
    EXPR_GREATER,
    EXPR_GREATER_EQUAL,
    EXPR_EQUAL,
    EXPR_NOT_EQUAL,
    EXPR_IN,
    EXPR_NOT_IN
};

struct expr {
    enum expr_op op;
    uint32_t offset, len; /* in the text */
    uint32_t n;
    const struct expr **args;
    union {
        const struct value *value; /* EXPR_VALUE; EXPR_LIST: where all of it is constant, or NULL */
        size_t name;               /* index of the parameter */
        const struct expr_function *function;
        const enum expr_comparison *comparisons; /* n - 1: a < b < c */
    };
};

/* How a text is read. Errors go to say(), which may be called several times; find() finds the
 * index of the name at text + offset, or reports the error itself and returns false. */
struct expr_reader {
    struct arena *arena;
    bool (*find)(void *arg, const char *text, size_t offset, size_t len, size_t *ret_index);
    void (*say)(void *arg, size_t offset, size_t len, const char *fix, const char *message);
    void *arg;
    size_t nodes_left; /* of those that a spec may have in all */
};

/* NULL after an error, which was passed to say(). */
const struct expr *expr_parse(struct expr_reader *r, const char *text, size_t len);

/* The value where values[i] is that of parameter i, none of those named being NULL. False if
 * there is no value (1/0, text compared with a number, more than 64 bits); then *ret_why,
 * unless it is NULL, is the reason. Allocates nothing: text and lists in *ret belong to the
 * tree or to values. */
bool expr_eval(const struct expr *e, struct value *const *values, struct value *ret,
               const char **ret_why);
/* As Python's bool(). */
bool expr_truth(const struct value *v);

/* One text for one tree; name() gives that of a parameter. */
void expr_print(struct buf *out, const struct expr *e, const char *(*name)(void *arg, size_t index),
                void *arg);
