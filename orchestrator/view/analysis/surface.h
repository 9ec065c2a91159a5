/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A metric over two parameters of a sweep: the mean of a Gaussian process on a grid, where trials are
 * near. The process knows these two parameters alone: what all others do is noise to it, so the mean
 * is that over their values in the trials. */
#include "orchestrator/view/analysis/evidence.h"

enum {
    SURFACE_SIDE = 40,
    SURFACE_TRIALS_MIN = 20,
    SURFACE_FIT_MAX = 192,   /* trials that the lengths are fitted to */
    SURFACE_MODEL_MAX = 512, /* and those that the mean is made from, evenly chosen */
};

/* A cell is known if a compared trial is as near as this part of the range of each parameter. */
#define SURFACE_NEAR 0.1

struct surface_axis {
    const struct factor *factor;
    size_t n;
    double values[SURFACE_SIDE],
        places[SURFACE_SIDE]; /* of the centres; of a category the places of
                                                          its values */
};

struct surface {
    struct surface_axis x, y;
    size_t trials, model; /* compared ones that have both parameters; those that the model knows */
    bool made;            /* there are enough trials */
    double mean[SURFACE_SIDE * SURFACE_SIDE]; /* y by y; NaN where no trial is near */
};

/* ERR_USAGE: not a parameter with several values, or a category with more than SURFACE_SIDE. */
NODISCARD int surface_find(struct surface *s, const struct evidence *e, const char *x,
                           const char *y, struct err *err);
/* {"metric","goal","at","x":{"name","scale","values"},"y","trials","model","missing","mean":[[…]]|null,
 * "notes"} */
struct value *surface_value(struct arena *a, const struct surface *s, const struct evidence *e);
