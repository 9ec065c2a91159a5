/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values as short text for a table's cell. Numbers are rounded, never cut. Pure. */
#include "base/value.h"

enum { CELL_DIGITS = 6, CELL_DIGITS_NARROW = 4 }; /* significant ones */

/* In CELL_DIGITS digits; "" of NULL and null. */
const char *cell_value(struct arena *a, const struct value *v);
const char *cell_rounded(struct arena *a, const struct value *v, int digits);
const char *cell_number(struct arena *a, double f, int digits);
