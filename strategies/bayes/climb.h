/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From a set of points to the one worth most, by the acquisition: random candidates, then a climb
 * from the best of them. */
#include "base/number/rng.h"
#include "strategies/bayes/acquisition.h"
#include "strategies/bayes/terrain.h"

struct climb_point {
    double value;
    double *raw, *x; /* d each */
};

struct climb {
    const struct terrain *terrain;
    const struct acquisition *acquisition;
    size_t n, cap;
    struct climb_point *points; /* those to choose from */
    double *room;
};

/* Points are sorted, the one worth most first, in climb.points. centres: n_centres settled points
 * (n_centres x d) near which half of the candidates lie; lengths: d, how far they lie about. */
void climb_init(struct climb *c, const struct terrain *t, const struct acquisition *a,
                const double *centres, size_t n_centres, const double *lengths, struct rng *rng);
void climb_done(struct climb *c);
