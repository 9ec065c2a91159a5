/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Decimal text and binary64, both ways exact and the same in every locale. Knows no text
 * format: readers and printers decide on names for NaN and the infinities, and on other forms
 * of numbers. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NUMBER_BYTES = 32 };
/* The shortest text that reads back as f (which must be finite), shaped as Python's repr does it:
 * "0.1", "1.0", "-0.0", "1e-05", "1e+16". */
void number_format(char out[NUMBER_BYTES], double f);
void number_format_int(char out[NUMBER_BYTES], int64_t i);
/* Reads [+-]digits[.digits][e[+-]digits], a digit being on one side of the point at least; false if
 * s is not that as a whole. What is beyond the range becomes an infinity. */
bool number_parse(const char *s, size_t len, double *ret);
