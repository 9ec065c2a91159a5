/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The shortest decimal digits that read back as a double, and the closest to it of these, by 64-bit integers alone:
 * Grisu3 of F. Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with Integers" (PLDI 2010). For
 * number.c. */
#include <stdbool.h>

enum { SHORTEST_DIGITS_MAX = 17 };

/* f is finite and above 0. Writes its digits, without a NUL, and sets *ret_exponent to that of the first one: f is
 * d.ddd * 10^exponent. Returns how many digits; 0 where 64 bits do not tell, for about one double in 200. */
int shortest_find(double f, char digits[SHORTEST_DIGITS_MAX], int *ret_exponent);
