/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the results say of all other points: one Gaussian process, or under noise several that differ
 * in their belief, and the acquisition by them. A function of the results alone. */
#include "strategies/bayes/acquisition.h"
#include "strategies/bayes/results.h"
#include "strategies/model/warp.h"

enum surrogate_choice { SURROGATE_BY_TURNS, SURROGATE_IMPROVEMENT, SURROGATE_BOUND };

struct surrogate {
    size_t d;             /* parameters; if resource counts, the models have one more input */
    unsigned char *kinds; /* d + 1 */
    struct gp models[ACQUISITION_MODELS_MAX];
    struct gp coarse[ACQUISITION_MODELS_MAX]; /* of those results that lengths are fitted to */
    struct warp warp;
    struct acquisition acquisition;
    bool noisy;
    size_t n;      /* results that it was made from */
    double *y;     /* those of all results, warped */
    size_t *order; /* places of all results, the most promising first */
};

void surrogate_init(struct surrogate *s, size_t d, const unsigned char *kinds);
void surrogate_done(struct surrogate *s);
/* r->n >= 1, d >= 1 */
void surrogate_learn(struct surrogate *s, const struct results *r, enum surrogate_choice choice);
/* The geometric mean over the models of the length of coordinate j. */
double surrogate_length(const struct surrogate *s, size_t j);
/* The mean of the models' predictions at x, and the deviation of their mixture, warped. */
void surrogate_predict(const struct surrogate *s, const double *x, double *ret_mean,
                       double *ret_sd);
