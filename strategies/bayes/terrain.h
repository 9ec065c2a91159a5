/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The unit cube as a search moves in it: how each coordinate can change, and which points are
 * configurations. A point has two forms: raw, where every coordinate has a number, and settled,
 * where those of parameters that do not exist are NaN. Knows nothing of results. */
#include "strategies/model/features.h"
#include "strategies/sampler.h"
#include "sweep/coordinate.h"

enum terrain_move {
    TERRAIN_SMOOTH, /* continuous */
    TERRAIN_WIDE,   /* many levels: moved smoothly, then rounded to one */
    TERRAIN_LISTED  /* few levels, or values without an order: each can be tried */
};

struct terrain {
    size_t d;
    struct coordinates coordinates;
    struct sampler *sampler;
    unsigned char *kinds; /* enum feature_kind of each */
    unsigned char *moves; /* enum terrain_move of each */
    uint64_t *levels;     /* 0: continuous */
    bool any_listed, any_other;
};

/* enum feature_kind of a coordinate: how a model compares its values. */
unsigned char terrain_kind(const struct coordinate *c);
/* sampler, of the same space, must outlive it. */
void terrain_init(struct terrain *t, const struct space *space, struct sampler *sampler);
void terrain_done(struct terrain *t);
/* Rounds each coordinate to the place of its value and settles it; false where conditions forbid
 * the point. */
bool terrain_settle(const struct terrain *t, double *raw, double *ret);
/* The largest difference by a coordinate. */
double terrain_distance(const struct terrain *t, const double *x, const double *y);
/* Whether x is none of n settled points (n x d): at least a little away from each. */
bool terrain_is_new(const struct terrain *t, const double *points, size_t n, const double *x);
