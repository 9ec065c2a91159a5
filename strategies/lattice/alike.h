/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which values of a parameter no condition distinguishes: if only lists of `when` name the
 * parameter, the values that are in the same lists. Counting points needs only one value of each
 * class. */
#include "sweep/space.h"

struct alike {
    const struct space *space;
    bool *in_expressions; /* of each parameter: some condition computes with it */
    /* The lists that parameter i is compared with: from lists_from[i] up to lists_from[i + 1]. */
    const struct value **lists;
    size_t *lists_from;
};

void alike_init(struct alike *a, const struct space *space);
void alike_done(struct alike *a);
/* The class of each of its n values, which are all different; to be freed by mem_free. NULL if
 * each may be a class of its own. */
uint32_t *alike_classes(const struct alike *a, size_t parameter, struct value *const *values,
                        size_t n);
