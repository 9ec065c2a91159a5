/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial's configuration to run again, each time with a seed that no such trial has had. Pure. */
#include "base/err.h"
#include "sweep/space.h"

enum { REPLICATE_MAX = 20 };

struct replicate {
    const struct space *space;
    struct value **values; /* the trial's, of each parameter; NULL: not there */
    size_t seed;           /* the parameter that makes the difference; space->n if it has no seed */
    struct value *used;    /* a list of its values */
    struct arena *a;
};

/* Whether a parameter of this name makes no difference but chance: "seed", "model.random_state". */
bool replicate_is_seed(const char *name);
/* params: of the trial, nested. They and the space must outlive it. */
void replicate_init(struct replicate *r, struct arena *a, const struct space *space,
                    const struct value *params);
/* Another trial of the sweep, or this one. */
void replicate_see(struct replicate *r, const struct value *params);
/* *ret: configurations by dotted names; a seed that its space does not count is left out, to be drawn. The value
 * of the seed is the smallest that was not used. ERR_STATE: there are only *ret_left. */
NODISCARD int replicate_make(struct replicate *r, size_t times, const struct value ***ret,
                             size_t *ret_left, struct err *err);
