/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Several objectives as one loss, with other weights for each proposal: over many proposals, all of
 * the Pareto front is searched (ParEGO: Knowles, ParEGO, 2006, section III). So a strategy that learns
 * from one objective learns from several. */
#include "sweep/history.h"

struct chebyshev {
    double weights[PARETO_OBJECTIVES_MAX]; /* of each objective; their sum is 1 */
    double *losses;
    struct history one; /* of those losses; shares all else with the history of the objectives */
};

/* The loss of a trial is the augmented weighted Chebyshev distance from the best values seen (eq. 2
 * there, rho 0.05), each objective scaled by its range over the front; NaN where an objective is not a
 * finite number. The weights are a function of the seed and of h->n. h must outlive it. */
void chebyshev_init(struct chebyshev *c, const struct history *h, uint64_t seed);
void chebyshev_done(struct chebyshev *c);
