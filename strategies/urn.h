/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a finite space, drawn without putting back. What the urn holds is the set of points
 * drawn, whatever drew them and in whatever order, so it is the same after a replay. Must not know
 * what draws. */
#include "strategies/lattice/lattice.h"
#include "strategies/seen.h"

struct urn {
    struct lattice lattice;
    struct seen drawn; /* numbers of points */
    uint64_t *rest;    /* Fenwick tree of the weights of what is left, once it was needed */
    uint64_t *digits;  /* of the point in hand */
    uint64_t index;    /* its number */
};

/* Every parameter of space has a finite number of values. Fails as lattice_init() does, and with
 * ERR_LIMIT where there are 2^64 points or more. */
NODISCARD int urn_init(struct urn *u, const struct space *space, struct err *err);
void urn_done(struct urn *u);
bool urn_is_empty(const struct urn *u);
/* Whether urn_pick_left() goes by the weights. */
bool urn_weighs(const struct urn *u);

/* Takes in hand the point at quantiles[i] of parameter i; false where conditions forbid it. */
bool urn_pick(struct urn *u, const double *quantiles);
/* Takes in hand one of the points left, keyed by (seed, stream): by their weights (as drawing till
 * a new one comes would) where there are few enough points to weigh them, else with equal chance.
 */
void urn_pick_left(struct urn *u, uint64_t seed, uint64_t stream);
/* Takes in hand the point that params are; false where they are not of this space. */
bool urn_pick_params(struct urn *u, const struct value *params);

/* Marks the point in hand as drawn; false where it was. */
bool urn_draw(struct urn *u);
/* The point in hand, as the script gets it. */
struct value *urn_params(struct urn *u, struct arena *a);
