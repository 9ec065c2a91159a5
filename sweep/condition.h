/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which points a space has: when a parameter exists (when), how it is computed (expr) and
 * which points are forbidden (forbid). values[i] belongs to parameters[i] and is NULL if the
 * parameter does not exist. If an expression has no value at a point (1/0, text compared with
 * a number), the point is excluded: *ret_undefined becomes true, and is never set to false
 * here. Knows no syntax. */
#include "sweep/space.h"

/* Whether parameter i exists; the parameters that its `when` names must have their values
 * (space.order). */
bool condition_exists(const struct space *s, size_t i, struct value *const *values,
                      bool *ret_undefined);
/* The value of parameter i, which is of kind SPACE_EXPR and exists by its `when`; NULL if it
 * depends on a parameter that does not exist, or is undefined. */
struct value *condition_compute(struct arena *a, const struct space *s, size_t i,
                                struct value *const *values, bool *ret_undefined);
/* The first condition of `forbid` that holds, SIZE_MAX if none does; all values must be known. A
 * condition that names a parameter that does not exist does not apply. Allocates nothing. */
size_t condition_forbids(const struct space *s, struct value *const *values, bool *ret_undefined);

/* Applies all conditions to a draw: values hold a draw of each parameter (anything for
 * SPACE_EXPR). Parameters that do not exist become NULL; computed ones get their value. False if
 * the point is forbidden or undefined. */
bool condition_settle(struct arena *a, const struct space *s, struct value **values);
