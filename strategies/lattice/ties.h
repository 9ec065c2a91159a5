/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which choices the conditions of a space still need, along space.order. A choice is a parameter
 * that is not computed; a computed parameter needs its inputs as long as it is needed itself. Must
 * not know the values. */
#include "base/err.h"
#include "sweep/space.h"

struct ties {
    const struct space *space;
    size_t *position; /* of each parameter in space.order */
    size_t *until;    /* of each parameter: the last position at which its value is needed */
    /* The choices made before position k and needed there or later: those from live_from[k] up to
     * live_from[k + 1], which are lists of parameters; and the forbids that are settled there. */
    size_t *live, *live_from;
    size_t *settled, *settled_from;
};

/* ERR_LIMIT where the lists together would hold more than live_max; ties is then done. */
NODISCARD int ties_init(struct ties *t, const struct space *space, size_t live_max);
void ties_done(struct ties *t);
/* Whether any condition needs the value of the parameter at position k. */
bool ties_matter(const struct ties *t, size_t k);
