/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled without fused multiply-add: the results equal Python's bit for bit. */
#include "expr/expr_arith.h"

#include <math.h>
#include <string.h>

static const char not_a_number[] =
    "arithmetic needs numbers, and one of these values is not a number";
static const char too_wide[] = "the result is an integer of more than 64 bits";
static const char by_zero[] = "this divides by zero";
static const char not_finite[] = "the result is not a finite number";

static bool arith_fail(const char **ret_why, const char *why)
{
    if (ret_why)
        *ret_why = why;
    return false;
}

bool expr_arith_number(const struct value *v, struct value *ret, const char **ret_why)
{
    if (v->kind == VALUE_BOOL)
        *ret = (struct value){.kind = VALUE_INT, .i = v->b};
    else if (value_is_number(v))
        *ret = *v;
    else
        return arith_fail(ret_why, not_a_number);
    return true;
}

bool expr_arith_finite(double f, struct value *ret, const char **ret_why)
{
    if (!isfinite(f))
        return arith_fail(ret_why, not_finite);
    *ret = (struct value){.kind = VALUE_FLOAT, .f = f};
    return true;
}

bool expr_arith_whole(double f, struct value *ret, const char **ret_why)
{
    if (!(f >= -0x1p63 && f < 0x1p63))
        return arith_fail(ret_why, isfinite(f) ? too_wide : not_finite);
    *ret = (struct value){.kind = VALUE_INT, .i = (int64_t)f};
    return true;
}

static bool give_int(int64_t i, struct value *ret)
{
    *ret = (struct value){.kind = VALUE_INT, .i = i};
    return true;
}

static bool power_of_ints(int64_t base, int64_t exponent, struct value *ret, const char **ret_why)
{
    if (exponent < 0)
        return base == 0 ? arith_fail(ret_why, by_zero)
                         : expr_arith_finite(pow((double)base, (double)exponent), ret, ret_why);
    int64_t result = 1;
    bool overflow = false;
    while (exponent > 0 && !overflow) {
        if (exponent & 1)
            overflow = __builtin_mul_overflow(result, base, &result);
        exponent >>= 1;
        /* The last square is not used: it may overflow even if the result does not. */
        if (exponent > 0 && !overflow)
            overflow = __builtin_mul_overflow(base, base, &base);
    }
    return overflow ? arith_fail(ret_why, too_wide) : give_int(result, ret);
}

/* Whether a / b is negative and not whole: C truncates it, Python rounds it down. */
static bool remains_across(int64_t a, int64_t b)
{
    return a % b != 0 && (a < 0) != (b < 0);
}

static bool with_ints(enum expr_op op, int64_t a, int64_t b, struct value *ret,
                      const char **ret_why)
{
    int64_t i = 0;
    switch (op) {
    case EXPR_ADD:
        return __builtin_add_overflow(a, b, &i) ? arith_fail(ret_why, too_wide) : give_int(i, ret);
    case EXPR_SUB:
        return __builtin_sub_overflow(a, b, &i) ? arith_fail(ret_why, too_wide) : give_int(i, ret);
    case EXPR_MUL:
        return __builtin_mul_overflow(a, b, &i) ? arith_fail(ret_why, too_wide) : give_int(i, ret);
    case EXPR_POW:
        return power_of_ints(a, b, ret, ret_why);
    default:
        break;
    }
    if (b == 0)
        return arith_fail(ret_why, by_zero);
    if (op == EXPR_DIV)
        return expr_arith_finite((double)a / (double)b, ret, ret_why);
    if (op == EXPR_MOD)
        return give_int(b == -1 ? 0 : a % b + (remains_across(a, b) ? b : 0), ret);
    /* The smallest integer divided by -1 would trap. */
    if (b == -1)
        return __builtin_sub_overflow(0, a, &i) ? arith_fail(ret_why, too_wide) : give_int(i, ret);
    return give_int(a / b - remains_across(a, b), ret);
}

/* The remainder has the sign of b. The quotient comes from a - mod, which is a multiple of b up to
 * rounding, and is made whole. */
static bool divide_floats(enum expr_op op, double a, double b, struct value *ret,
                          const char **ret_why)
{
    double mod = fmod(a, b), quotient = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) {
        mod += b;
        quotient -= 1;
    } else if (mod == 0)
        mod = copysign(0, b);
    if (op == EXPR_MOD)
        return expr_arith_finite(mod, ret, ret_why);
    double down = floor(quotient);
    if (quotient == 0)
        down = copysign(0, a / b);
    else if (quotient - down > 0.5)
        down += 1;
    return expr_arith_finite(down, ret, ret_why);
}

static bool with_floats(enum expr_op op, double a, double b, struct value *ret,
                        const char **ret_why)
{
    if (b == 0 && (op == EXPR_DIV || op == EXPR_FLOOR_DIV || op == EXPR_MOD))
        return arith_fail(ret_why, by_zero);
    switch (op) {
    case EXPR_ADD:
        return expr_arith_finite(a + b, ret, ret_why);
    case EXPR_SUB:
        return expr_arith_finite(a - b, ret, ret_why);
    case EXPR_MUL:
        return expr_arith_finite(a * b, ret, ret_why);
    case EXPR_DIV:
        return expr_arith_finite(a / b, ret, ret_why);
    case EXPR_POW:
        return expr_arith_finite(pow(a, b), ret, ret_why);
    default:
        return divide_floats(op, a, b, ret, ret_why);
    }
}

bool expr_arith_two(enum expr_op op, const struct value *a, const struct value *b,
                    struct value *ret, const char **ret_why)
{
    struct value x, y;
    if (!expr_arith_number(a, &x, ret_why) || !expr_arith_number(b, &y, ret_why))
        return false;
    if (x.kind == VALUE_INT && y.kind == VALUE_INT)
        return with_ints(op, x.i, y.i, ret, ret_why);
    return with_floats(op, value_number(&x), value_number(&y), ret, ret_why);
}

bool expr_arith_negate(const struct value *v, struct value *ret, const char **ret_why)
{
    struct value x;
    int64_t i = 0;
    if (!expr_arith_number(v, &x, ret_why))
        return false;
    if (x.kind == VALUE_INT)
        return __builtin_sub_overflow(0, x.i, &i) ? arith_fail(ret_why, too_wide)
                                                  : give_int(i, ret);
    return expr_arith_finite(-x.f, ret, ret_why);
}

/* Exact, even if a double does not hold the integer. */
static int order_int_float(int64_t i, double f)
{
    if (f >= 0x1p63)
        return -1;
    if (f < -0x1p63)
        return 1;
    int64_t down = (int64_t)floor(f);
    if (i != down)
        return i < down ? -1 : 1;
    return f > floor(f) ? -1 : 0;
}

static int order_numbers(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_INT && b->kind == VALUE_INT)
        return (a->i > b->i) - (a->i < b->i);
    if (a->kind == VALUE_INT)
        return order_int_float(a->i, b->f);
    if (b->kind == VALUE_INT)
        return -order_int_float(b->i, a->f);
    return (a->f > b->f) - (a->f < b->f);
}

bool expr_arith_order(const struct value *a, const struct value *b, int *ret, const char **ret_why)
{
    struct value x, y;
    if (a->kind == VALUE_STR && b->kind == VALUE_STR) {
        *ret = strcmp(a->s.ptr, b->s.ptr);
        return true;
    }
    if (!expr_arith_number(a, &x, NULL) || !expr_arith_number(b, &y, NULL))
        return arith_fail(ret_why,
                          "these two cannot be ordered: only two numbers or two texts can");
    if ((x.kind == VALUE_FLOAT && isnan(x.f)) || (y.kind == VALUE_FLOAT && isnan(y.f)))
        return arith_fail(ret_why, "NaN cannot be ordered");
    *ret = order_numbers(&x, &y);
    return true;
}
