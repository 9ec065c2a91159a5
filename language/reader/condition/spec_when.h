/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A `when`, or a mapping in `forbid`: parameters and the values that they must have. */
#include "language/reader/condition/spec_expr.h"

/* Reads the mapping n; names are looked up from group: one `when` for each entry, all of which
 * must hold. False if something was reported. */
bool spec_when_read(struct spec_expr *x, const char *group, const struct spec_node *n,
                    struct when **ret, size_t *ret_n);
/* Splits a condition into `when` entries if it has that form: `a == 1 and b in [2, 3]`. The rest
 * becomes one `when` with a condition. */
void spec_when_split(struct arena *a, const struct condition *c, struct when **ret, size_t *ret_n);
/* The reverse: a tree with the same meaning. */
const struct expr *spec_when_join(struct arena *a, const struct when *list, size_t n);
