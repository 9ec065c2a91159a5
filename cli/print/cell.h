/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Values as short text for a table's cell, and configurations flattened into columns. Pure. */
#include "base/value.h"

/* Six significant digits; "" of NULL and null. */
const char *cell_value(struct arena *a, const struct value *v);
const char *cell_number(struct arena *a, double f);
/* Nested dicts as one dict, its keys joined by dots. */
struct value *cell_flatten(struct arena *a, const struct value *params);
/* Of a list of flat dicts: the keys under which they differ, in order of appearance, as a list of
 * strings. All keys where there is but one dict. */
struct value *cell_varying(struct arena *a, const struct value *flat_dicts);
