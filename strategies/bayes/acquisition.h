/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How much a point is worth trying, by one or more models of the losses, which are minimised: the
 * logarithm of the mean expected improvement, or the mean lower confidence bound, negated. */
#include <stdbool.h>

#include "strategies/model/gp.h"

enum { ACQUISITION_MODELS_MAX = 3 };

struct acquisition {
    const struct gp *models;
    const struct gp *coarse; /* the same of fewer results, to look at many points; NULL: models */
    size_t n;
    double best[ACQUISITION_MODELS_MAX]; /* what is to be improved on, by each model */
    bool bound;                          /* the confidence bound, not the improvement */
    double beta;                         /* deviations of the bound */
    bool
        at_full; /* the models' last coordinate is the resource: points are compared at all of it */
};

/* The models' inputs for m points (m x d), which the caller frees. */
double *acquisition_inputs(const struct acquisition *a, const double *z, size_t m);
/* Of m points z (m x d); by the coarse models where told so. */
void acquisition_values(const struct acquisition *a, bool coarse, const double *z, size_t m,
                        double *ret);
/* Of one point, with its derivatives. */
double acquisition_slope(const struct acquisition *a, bool coarse, const double *z, double *ret);
