/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which points of a space there are: where a parameter exists (when), what is computed (expr) and
 * what is forbidden. values[i] belongs to parameters[i] and is NULL where it does not exist. Where
 * an expression has no value at a point (1/0, a text less than a number), that point is none:
 * *ret_undefined becomes true, and is never made false here. Knows no syntax. */
#include "sweep/space.h"

/* Whether parameter i exists; those that its when names must be settled (space.order). */
bool condition_exists(const struct space *s, size_t i, struct value *const *values,
                      bool *ret_undefined);
/* The value of parameter i, of kind SPACE_EXPR and existing by its when; NULL where it is computed
 * from one that does not exist, or undefined. */
struct value *condition_compute(struct arena *a, const struct space *s, size_t i,
                                struct value *const *values, bool *ret_undefined);
/* The first of forbid that holds, SIZE_MAX where none does; all values must be settled. One that
 * names a parameter that does not exist does not apply. Allocates nothing. */
size_t condition_forbids(const struct space *s, struct value *const *values, bool *ret_undefined);

/* All of it: values hold a draw of each parameter (anything for SPACE_EXPR); what does not exist
 * becomes NULL and what is computed is. False where the point is forbidden or undefined. */
bool condition_settle(struct arena *a, const struct space *s, struct value **values);
