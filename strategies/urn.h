/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a finite space, drawn without replacement. Its state is the set of drawn
 * points and does not depend on their order, so it is the same after a replay. Must not know
 * what draws. */
#include "strategies/lattice/lattice.h"
#include "strategies/seen.h"

struct urn {
    struct lattice lattice;
    struct seen drawn; /* numbers of points */
    uint64_t *rest;    /* Fenwick tree of the weights of what is left, once it was needed */
    uint64_t *digits;  /* of the selected point */
    uint64_t index;    /* its number */
};

/* Every parameter of space has a finite number of values. Fails as lattice_init() does, and with
 * ERR_LIMIT where there are 2^64 points or more. */
NODISCARD int urn_init(struct urn *u, const struct space *space, struct err *err);
void urn_done(struct urn *u);
bool urn_is_empty(const struct urn *u);
/* Whether urn_pick_left() uses the weights. */
bool urn_weighs(const struct urn *u);

/* Selects the point at quantiles[i] of parameter i; false if conditions forbid it. */
bool urn_pick(struct urn *u, const double *quantiles);
/* Selects one of the points left, keyed by (seed, stream): by their weights (as if it drew until a
 * new one comes) if there are few enough points for weights, else with equal probability. */
void urn_pick_left(struct urn *u, uint64_t seed, uint64_t stream);
/* Selects the point of params; false if they are not in this space. */
bool urn_pick_params(struct urn *u, const struct value *params);

/* Whether the selected point was drawn before. */
bool urn_is_drawn(const struct urn *u);
/* Marks the selected point as drawn; false if it was drawn before. */
bool urn_draw(struct urn *u);
/* The selected point, as the script gets it. */
struct value *urn_params(struct urn *u, struct arena *a);
