/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expr/expr_type.h"

#include "expr/expr_function.h"

static const char *type_name(unsigned type)
{
    switch (type) {
    case EXPR_TYPE(VALUE_NULL):
        return "None";
    case EXPR_TYPE(VALUE_BOOL):
        return "true or false";
    case EXPR_TYPE(VALUE_STR):
        return "text";
    case EXPR_TYPE(VALUE_LIST):
        return "a list";
    case EXPR_TYPE(VALUE_DICT):
        return "a mapping";
    default:
        return type & ~(unsigned)EXPR_TYPE_NUMBER ? "a value of several kinds" : "a number";
    }
}

static unsigned type_say(const struct expr_types *t, const struct expr *at, const char *message)
{
    t->say(t->arg, at, message);
    return 0;
}

/* The numeric type that arithmetic makes of a type; 0 if it makes none. Type 0 means that the fault
 * has been reported. */
static unsigned number_type(const struct expr_types *t, const struct expr *e, unsigned type)
{
    if (type && !(type & EXPR_TYPE_NUMBER))
        return type_say(
            t, e,
            arena_printf(t->arena, "arithmetic needs numbers, and this is %s", type_name(type)));
    type &= EXPR_TYPE_NUMBER;
    return type & EXPR_TYPE(VALUE_BOOL) ? (type & ~EXPR_TYPE(VALUE_BOOL)) | EXPR_TYPE(VALUE_INT)
                                        : type;
}

static unsigned type_of_two(const struct expr_types *t, const struct expr *e)
{
    const unsigned integer = EXPR_TYPE(VALUE_INT), real = EXPR_TYPE(VALUE_FLOAT);
    unsigned a = number_type(t, e->args[0], expr_type(t, e->args[0]));
    unsigned b = number_type(t, e->args[1], expr_type(t, e->args[1]));
    if (!a || !b)
        return 0;
    if (e->op == EXPR_DIV)
        return real;
    unsigned both = a & b & integer ? integer : 0;
    if ((a | b) & real || e->op == EXPR_POW)
        both |= real;
    return both;
}

static bool has_order(unsigned a, unsigned b)
{
    return !a || !b || (a & EXPR_TYPE_NUMBER && b & EXPR_TYPE_NUMBER) ||
           (a & b & EXPR_TYPE(VALUE_STR));
}

static bool check_pair(const struct expr_types *t, const struct expr *e, uint32_t i, unsigned a,
                       unsigned b)
{
    const unsigned looked_into =
        EXPR_TYPE(VALUE_LIST) | EXPR_TYPE(VALUE_STR) | EXPR_TYPE(VALUE_DICT);
    const struct expr *to = e->args[i];
    switch (e->comparisons[i - 1]) {
    case EXPR_EQUAL:
    case EXPR_NOT_EQUAL:
        return true;
    case EXPR_IN:
    case EXPR_NOT_IN:
        if (!b || b & looked_into)
            return true;
        return type_say(t, to,
                        arena_printf(t->arena, "`in` needs a list such as [1, 2], not %s",
                                     type_name(b))) != 0;
    default:
        if (has_order(a, b))
            return true;
        return type_say(
                   t, e,
                   arena_printf(t->arena,
                                "the left side is %s, the right side %s: they cannot be ordered",
                                type_name(a), type_name(b))) != 0;
    }
}

/* A list that names parameters is checked here item by item: it is not a value. */
static unsigned type_beside_in(const struct expr_types *t, const struct expr *e, uint32_t i)
{
    const struct expr *list = e->args[i];
    bool after_in =
        i > 0 && (e->comparisons[i - 1] == EXPR_IN || e->comparisons[i - 1] == EXPR_NOT_IN);
    if (list->op != EXPR_LIST || list->value || !after_in || i + 1 < e->n)
        return expr_type(t, list);
    bool ok = true;
    for (uint32_t k = 0; k < list->n; k++)
        ok = expr_type(t, list->args[k]) && ok;
    return ok ? EXPR_TYPE(VALUE_LIST) : 0;
}

static unsigned type_of_comparison(const struct expr_types *t, const struct expr *e)
{
    unsigned left = type_beside_in(t, e, 0);
    bool ok = left != 0;
    for (uint32_t i = 1; i < e->n; i++) {
        unsigned right = type_beside_in(t, e, i);
        ok = right && ok && check_pair(t, e, i, left, right);
        left = right;
    }
    return ok ? EXPR_TYPE(VALUE_BOOL) : 0;
}

static unsigned type_of_call(const struct expr_types *t, const struct expr *e)
{
    const unsigned integer = EXPR_TYPE(VALUE_INT), real = EXPR_TYPE(VALUE_FLOAT);
    unsigned all = 0, numbers = 0;
    bool ok = true, ordered = e->function->least == 2 && e->function->most > 2;
    for (uint32_t i = 0; i < e->n; i++) {
        unsigned type = expr_type(t, e->args[i]);
        all |= type;
        if (!ordered || !(type & EXPR_TYPE(VALUE_STR)))
            type = number_type(t, e->args[i], type);
        ok = ok && type;
        numbers |= type;
    }
    if (!ok)
        return 0;
    switch (e->function->gives) {
    case EXPR_GIVES_FLOAT:
        return real;
    case EXPR_GIVES_INT:
        return integer;
    case EXPR_GIVES_SAME:
        return ordered ? all : numbers | integer | real;
    }
    return EXPR_TYPE_ANY;
}

unsigned expr_type(const struct expr_types *t, const struct expr *e)
{
    unsigned all = 0, type;
    bool ok = true;
    switch (e->op) {
    case EXPR_VALUE:
        return EXPR_TYPE(e->value->kind);
    case EXPR_NAME:
        return t->of[e->name];
    case EXPR_LIST:
        return e->value ? EXPR_TYPE(VALUE_LIST)
                        : type_say(t, e, "a list that names parameters can only follow `in`");
    case EXPR_CALL:
        return type_of_call(t, e);
    case EXPR_COMPARE:
        return type_of_comparison(t, e);
    case EXPR_NOT:
    case EXPR_IF:
    case EXPR_OR:
    case EXPR_AND:
        for (uint32_t i = 0; i < e->n; i++) {
            type = expr_type(t, e->args[i]);
            ok = ok && type;
            all |= e->op == EXPR_IF && i == 1 ? 0 : type;
        }
        return !ok ? 0 : e->op == EXPR_NOT ? EXPR_TYPE(VALUE_BOOL) : all;
    case EXPR_NEGATE:
        return number_type(t, e->args[0], expr_type(t, e->args[0]));
    default:
        return type_of_two(t, e);
    }
}
