/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a finite space, drawn without putting back. A point is a digit for each parameter,
 * its place among that parameter's distinct values. What the urn holds is the set of points drawn,
 * whatever drew them and in whatever order, so it is the same after a replay. Must not know what
 * draws. */
#include "strategies/seen.h"
#include "sweep/space.h"

struct axis;

struct urn {
    const struct space *space;
    struct axis *axes;
    uint64_t points; /* UINT64_MAX where there are more: then a point is known by a hash alone */
    struct seen drawn;
    uint64_t *rest;   /* Fenwick tree of the weights of what is left, once it was needed */
    uint64_t *digits; /* the point in hand, one digit a parameter */
    struct value **values;
};

/* Every parameter of space has a finite number of values. */
void urn_init(struct urn *u, const struct space *space);
void urn_done(struct urn *u);
bool urn_is_empty(const struct urn *u);

/* Takes in hand the point at quantiles[i] of parameter i. */
void urn_pick(struct urn *u, const double *quantiles);
/* Takes in hand one of the points left, by their weights (as drawing till a new one comes would),
 * keyed by (seed, stream). False where the space is too big to look through. */
bool urn_pick_left(struct urn *u, uint64_t seed, uint64_t stream);
/* Takes in hand the point that params are; false where they are not of this space. */
bool urn_pick_params(struct urn *u, const struct value *params);

/* Marks the point in hand as drawn; false where it was. */
bool urn_draw(struct urn *u);
/* The point in hand, as the script gets it. */
struct value *urn_params(struct urn *u, struct arena *a);
