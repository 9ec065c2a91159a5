/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "expr/expr_arith.h"
#include "expr/expr_function.h"

bool expr_truth(const struct value *v)
{
    switch (v->kind) {
    case VALUE_BOOL:
        return v->b;
    case VALUE_INT:
        return v->i != 0;
    case VALUE_FLOAT:
        return v->f != 0;
    case VALUE_STR:
        return v->s.len > 0;
    case VALUE_LIST:
        return v->list.n > 0;
    case VALUE_DICT:
        return v->dict.n > 0;
    default:
        return false;
    }
}

static bool give_bool(bool b, struct value *ret)
{
    *ret = (struct value){.kind = VALUE_BOOL, .b = b};
    return true;
}

static bool eval_fail(const char **ret_why, const char *why)
{
    if (ret_why)
        *ret_why = why;
    return false;
}

/* Whether a value is in a list, or a text within a text, as Python's `in`. */
static bool is_member(const struct value *v, const struct value *of, bool *ret,
                      const char **ret_why)
{
    if (of->kind == VALUE_STR && v->kind == VALUE_STR)
        *ret = strstr(of->s.ptr, v->s.ptr) != NULL;
    else if (of->kind == VALUE_DICT)
        *ret = v->kind == VALUE_STR && value_get(of, v->s.ptr);
    else if (of->kind == VALUE_LIST) {
        *ret = false;
        for (size_t i = 0; i < of->list.n && !*ret; i++)
            *ret = value_same(of->list.items[i], v);
    } else
        return eval_fail(ret_why, "`in` needs a list or a text to search");
    return true;
}

/* A list that names parameters is never built: its items are compared one by one. */
static bool member_of_items(const struct value *v, const struct expr *list,
                            struct value *const *values, bool *ret, const char **ret_why)
{
    *ret = false;
    for (uint32_t i = 0; i < list->n && !*ret; i++) {
        struct value item;
        if (!expr_eval(list->args[i], values, &item, ret_why))
            return false;
        *ret = value_same(&item, v);
    }
    return true;
}

static bool compare_values(enum expr_comparison comparison, const struct value *a,
                           const struct value *b, bool *ret, const char **ret_why)
{
    int order = 0;
    if (comparison == EXPR_EQUAL || comparison == EXPR_NOT_EQUAL) {
        *ret = value_same(a, b) == (comparison == EXPR_EQUAL);
        return true;
    }
    if (comparison == EXPR_IN || comparison == EXPR_NOT_IN) {
        bool found;
        if (!is_member(a, b, &found, ret_why))
            return false;
        *ret = found == (comparison == EXPR_IN);
        return true;
    }
    if (!expr_arith_order(a, b, &order, ret_why))
        return false;
    *ret = comparison == EXPR_LESS         ? order < 0
           : comparison == EXPR_LESS_EQUAL ? order <= 0
           : comparison == EXPR_GREATER    ? order > 0
                                           : order >= 0;
    return true;
}

static bool eval_comparison(const struct expr *e, struct value *const *values, struct value *ret,
                            const char **ret_why)
{
    struct value left, right;
    bool holds = true;
    if (!expr_eval(e->args[0], values, &left, ret_why))
        return false;
    for (uint32_t i = 1; i < e->n && holds; i++) {
        const struct expr *to = e->args[i];
        enum expr_comparison comparison = e->comparisons[i - 1];
        if (to->op == EXPR_LIST && !to->value) {
            bool found;
            if (!member_of_items(&left, to, values, &found, ret_why))
                return false;
            holds = found == (comparison == EXPR_IN);
            continue; /* the last operand: such a list is allowed nowhere else */
        }
        if (!expr_eval(to, values, &right, ret_why) ||
            !compare_values(comparison, &left, &right, &holds, ret_why))
            return false;
        left = right;
    }
    return give_bool(holds, ret);
}

/* As in Python, the value that decides is the result. */
static bool eval_junction(const struct expr *e, struct value *const *values, struct value *ret,
                          const char **ret_why)
{
    for (uint32_t i = 0; i < e->n; i++) {
        if (!expr_eval(e->args[i], values, ret, ret_why))
            return false;
        if (expr_truth(ret) == (e->op == EXPR_OR))
            break;
    }
    return true;
}

static bool eval_call(const struct expr *e, struct value *const *values, struct value *ret,
                      const char **ret_why)
{
    struct value args[EXPR_FUNCTION_ARGS_MAX];
    for (uint32_t i = 0; i < e->n; i++)
        if (!expr_eval(e->args[i], values, &args[i], ret_why))
            return false;
    return e->function->call(args, e->n, ret, ret_why);
}

bool expr_eval(const struct expr *e, struct value *const *values, struct value *ret,
               const char **ret_why)
{
    struct value a, b;
    switch (e->op) {
    case EXPR_VALUE:
        *ret = *e->value;
        return true;
    case EXPR_NAME:
        *ret = *values[e->name];
        return true;
    case EXPR_LIST:
        if (!e->value)
            return eval_fail(ret_why, "a list that names parameters can only follow `in`");
        *ret = *e->value;
        return true;
    case EXPR_CALL:
        return eval_call(e, values, ret, ret_why);
    case EXPR_IF:
        return expr_eval(e->args[1], values, &a, ret_why) &&
               expr_eval(e->args[expr_truth(&a) ? 0 : 2], values, ret, ret_why);
    case EXPR_OR:
    case EXPR_AND:
        return eval_junction(e, values, ret, ret_why);
    case EXPR_NOT:
        return expr_eval(e->args[0], values, &a, ret_why) && give_bool(!expr_truth(&a), ret);
    case EXPR_COMPARE:
        return eval_comparison(e, values, ret, ret_why);
    case EXPR_NEGATE:
        return expr_eval(e->args[0], values, &a, ret_why) && expr_arith_negate(&a, ret, ret_why);
    default:
        return expr_eval(e->args[0], values, &a, ret_why) &&
               expr_eval(e->args[1], values, &b, ret_why) &&
               expr_arith_two(e->op, &a, &b, ret, ret_why);
    }
}
