/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The Pareto front of a sweep with several objectives: those of its trials that no other one beats. */
#include "base/buf.h"
#include "orchestrator/view/view.h"

struct front {
    const struct value *sweep, *known; /* the latter as view_columns() gives it */
    const struct value **trials; /* those of the front, the best by the first objective first */
    size_t n, m;                 /* m: objectives */
    size_t measured;             /* trials with a finite value of each */
    double *rows;                /* n x m */
    /* The volume that the front dominates, up to the worst values of all measured trials; NaN if the
     * front is too large for it. */
    double hypervolume, *reference;
    bool overflow; /* of the hypervolume, which then is NaN */
};

/* The names of the sweep's objectives if it has several, otherwise NULL. */
const struct value *front_objectives(struct arena *a, const struct value *sweep);
/* The trials that finished or were stopped. All of it lives in the arena. */
NODISCARD int front_read(struct front *f, struct view *view, struct arena *a,
                         const struct value *sweep, struct err *err);
/* As a table for a terminal of that many columns. */
NODISCARD int front_print(struct buf *out, struct arena *a, const struct front *f, size_t columns,
                          bool colour, struct err *err);
/* {"objectives":[{"name","goal"}],"measured":40,"front":[trial…],"hypervolume":x|null,
 * "reference":[…]} */
struct value *front_value(struct arena *a, const struct front *f);
