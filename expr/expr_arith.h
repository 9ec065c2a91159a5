/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Python's arithmetic and order of values: integers stay integers, floor division and remainder go
 * downwards, True and False count as 1 and 0. False where there is no result, and why. */
#include "expr/expr.h"

/* a op b, op from EXPR_ADD to EXPR_MOD or EXPR_POW. */
bool expr_arith_two(enum expr_op op, const struct value *a, const struct value *b,
                    struct value *ret, const char **ret_why);
bool expr_arith_negate(const struct value *v, struct value *ret, const char **ret_why);
/* *ret below, at or above 0 as a is less than, equal to or greater than b. Numbers with numbers and
 * text with text have an order. */
bool expr_arith_order(const struct value *a, const struct value *b, int *ret, const char **ret_why);
/* A number, or a boolean as one; false for others. */
bool expr_arith_number(const struct value *v, struct value *ret, const char **ret_why);
/* f where it is finite. */
bool expr_arith_finite(double f, struct value *ret, const char **ret_why);
/* f, which is whole, as an integer. */
bool expr_arith_whole(double f, struct value *ret, const char **ret_why);
