/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expr/expr_function.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/diag/nearest.h"
#include "base/number/number.h"
#include "expr/expr_arith.h"

static bool number_argument(const struct value *v, double *ret, const char **ret_why)
{
    struct value x;
    if (!expr_arith_number(v, &x, ret_why))
        return false;
    *ret = value_number(&x);
    return true;
}

static bool call_abs(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    struct value x;
    if (!expr_arith_number(args, &x, ret_why))
        return false;
    bool negative = x.kind == VALUE_INT ? x.i < 0 : signbit(x.f);
    *ret = x;
    return !negative || expr_arith_negate(&x, ret, ret_why);
}

static bool rounded_value(const struct value *arg, double (*to)(double), struct value *ret,
                          const char **ret_why)
{
    struct value x;
    if (!expr_arith_number(arg, &x, ret_why))
        return false;
    *ret = x;
    return x.kind == VALUE_INT || expr_arith_whole(to(x.f), ret, ret_why);
}

static bool call_ceil(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return rounded_value(args, ceil, ret, ret_why);
}

static bool call_floor(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return rounded_value(args, floor, ret, ret_why);
}

static bool call_int(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return rounded_value(args, trunc, ret, ret_why);
}

/* Rounds to a number of digits after the point, as printing the exact value does. */
static bool call_round(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    enum { DIGITS_MAX = 15 };
    char text[64];
    double f;
    if (n == 1)
        return rounded_value(args, rint, ret, ret_why);
    if (args[1].kind != VALUE_INT || args[1].i < 0 || args[1].i > DIGITS_MAX) {
        if (ret_why)
            *ret_why = "round() takes 0 to 15 digits";
        return false;
    }
    if (!expr_arith_number(args, ret, ret_why) || ret->kind == VALUE_INT)
        return ret->kind == VALUE_INT;
    if (!(fabs(ret->f) < 0x1p52)) /* whole already */
        return expr_arith_finite(ret->f, ret, ret_why);
    int len = snprintf(text, sizeof text, "%.*f", (int)args[1].i, ret->f);
    return number_parse(text, (size_t)len, &f) && expr_arith_finite(f, ret, ret_why);
}

static bool call_float(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    double x;
    return number_argument(args, &x, ret_why) && expr_arith_finite(x, ret, ret_why);
}

static bool applied_value(const struct value *arg, double (*to)(double), struct value *ret,
                          const char **ret_why)
{
    double x;
    return number_argument(arg, &x, ret_why) && expr_arith_finite(to(x), ret, ret_why);
}

/* Whether the argument is above least, or equal to it if least_too. */
static bool applied_above(const struct value *arg, double least, bool least_too, const char *why,
                          const char **ret_why)
{
    double x;
    if (!number_argument(arg, &x, ret_why))
        return false;
    if (x > least || (x >= least && least_too))
        return true;
    if (ret_why)
        *ret_why = why;
    return false;
}

static bool has_logarithm(const struct value *arg, const char **ret_why)
{
    return applied_above(arg, 0, false, "there is no logarithm of 0 or less", ret_why);
}

static bool call_exp(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return applied_value(args, exp, ret, ret_why);
}

static bool call_sqrt(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return applied_above(args, 0, true, "there is no square root of less than 0", ret_why) &&
           applied_value(args, sqrt, ret, ret_why);
}

static bool call_log2(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return has_logarithm(args, ret_why) && applied_value(args, log2, ret, ret_why);
}

static bool call_log10(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return has_logarithm(args, ret_why) && applied_value(args, log10, ret, ret_why);
}

static bool call_log(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    double x, base;
    if (!has_logarithm(args, ret_why))
        return false;
    if (n == 1)
        return applied_value(args, log, ret, ret_why);
    /* Each logarithm is checked by itself: base 0 would give the result 0. */
    return number_argument(args, &x, ret_why) && number_argument(args + 1, &base, ret_why) &&
           has_logarithm(args + 1, ret_why) && expr_arith_finite(log(x), ret, ret_why) &&
           expr_arith_finite(log(base), ret, ret_why) &&
           expr_arith_finite(log(x) / log(base), ret, ret_why);
}

static bool call_pow(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    (void)n;
    return expr_arith_two(EXPR_POW, args, args + 1, ret, ret_why);
}

/* The first argument that no other exceeds in the direction of sign, unchanged. */
static bool extreme_value(const struct value *args, size_t n, int sign, struct value *ret,
                          const char **ret_why)
{
    *ret = args[0];
    for (size_t i = 1; i < n; i++) {
        int order;
        if (!expr_arith_order(&args[i], ret, &order, ret_why))
            return false;
        if (order * sign > 0)
            *ret = args[i];
    }
    return true;
}

static bool call_max(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    return extreme_value(args, n, 1, ret, ret_why);
}

static bool call_min(const struct value *args, size_t n, struct value *ret, const char **ret_why)
{
    return extreme_value(args, n, -1, ret, ret_why);
}

static const struct expr_function functions[] = {
    {"abs", 1, 1, EXPR_GIVES_SAME, call_abs},
    {"ceil", 1, 1, EXPR_GIVES_INT, call_ceil},
    {"exp", 1, 1, EXPR_GIVES_FLOAT, call_exp},
    {"float", 1, 1, EXPR_GIVES_FLOAT, call_float},
    {"floor", 1, 1, EXPR_GIVES_INT, call_floor},
    {"int", 1, 1, EXPR_GIVES_INT, call_int},
    {"log", 1, 2, EXPR_GIVES_FLOAT, call_log},
    {"log10", 1, 1, EXPR_GIVES_FLOAT, call_log10},
    {"log2", 1, 1, EXPR_GIVES_FLOAT, call_log2},
    {"max", 2, EXPR_FUNCTION_ARGS_MAX, EXPR_GIVES_SAME, call_max},
    {"min", 2, EXPR_FUNCTION_ARGS_MAX, EXPR_GIVES_SAME, call_min},
    {"pow", 2, 2, EXPR_GIVES_SAME, call_pow},
    {"round", 1, 2, EXPR_GIVES_SAME, call_round},
    {"sqrt", 1, 1, EXPR_GIVES_FLOAT, call_sqrt},
};
enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

const struct expr_function *expr_function_find(const char *name, size_t len)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    return NULL;
}

const char *expr_function_near(const char *name)
{
    return nearest_name(name, functions, FUNCTION_COUNT, sizeof *functions);
}
