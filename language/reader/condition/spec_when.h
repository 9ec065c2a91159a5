/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A `when`, or a mapping in `forbid`: parameters and the values that they must have. */
#include "language/reader/condition/spec_expr.h"

/* Reads the mapping n, names as seen from group: one when an entry, all of which must hold. False
 * where something is reported. */
bool spec_when_read(struct spec_expr *x, const char *group, const struct spec_node *n,
                    struct when **ret, size_t *ret_n);
/* Takes a condition apart into whens where it says no more: `a == 1 and b in [2, 3]`. What is left
 * of it becomes one when with a condition. */
void spec_when_split(struct arena *a, const struct condition *c, struct when **ret, size_t *ret_n);
/* The other way: a tree that says what these do. */
const struct expr *spec_when_join(struct arena *a, const struct when *list, size_t n);
