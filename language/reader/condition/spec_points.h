/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points at which an expression is evaluated before a sweep begins: each combination of the
 * values that it and its parameters' conditions name, or, if those are too many, points drawn at
 * random, the same ones every time. Adds no diagnostic. */
#include "base/arena.h"
#include "sweep/space.h"

enum { SPEC_POINTS_NAMES_MAX = 16 };

struct spec_points {
    struct arena *arena;
    struct arena drawn; /* of the point in hand */
    const struct space *space;
    size_t *place;              /* of each parameter in space->order */
    const struct value **lists; /* what each may be, once it was asked for */
    bool *unlisted;             /* it was, and there are too many */
    struct value **values;      /* the point in hand */
    size_t *digits;
    size_t taken[SPEC_POINTS_NAMES_MAX], taken_n; /* those in hand, in space->order */
    size_t steps_left, drawn_left;
};

struct spec_tally {
    size_t points; /* that there are, with all that the expression names */
    size_t hold, undefined;
    const char *why; /* undefined */
};

/* space->order must be there. The arena must outlive it. */
void spec_points_init(struct spec_points *p, struct arena *a, const struct space *space);
void spec_points_done(struct spec_points *p);
/* Evaluates each combination; false if there are too many. computed: the parameter that c gives,
 * or SIZE_MAX. */
bool spec_points_all(struct spec_points *p, const struct condition *c, size_t computed,
                     struct spec_tally *ret);
/* Draws points until the expression has a value at one; true if it has no value at any of very
 * many points. */
bool spec_points_undefined(struct spec_points *p, const struct condition *c, size_t computed,
                           struct spec_tally *ret);
