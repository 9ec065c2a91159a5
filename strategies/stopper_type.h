/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The interface of a rule of early termination: a const descriptor that decides by the rungs of
 * the sweep. Each rule's file defines one; other code uses strategies/stopper.h. */
#include "strategies/rungs.h"

struct stopper_why {
    const char *stopper; /* the rule's name */
    uint64_t rung;       /* the iterations at which the trial was compared */
    double value;        /* the trial's, as it was compared */
    double threshold;    /* the worst value that continues */
    uint64_t rank, of;   /* the trial's place among those that came so far; 1 is the best */
    /* Its metric, `value`, stays NaN or infinite: it was not compared, and `rung` is how many finite
     * values it had reported, the last of them at this step. */
    bool lost;
    int64_t last_step;
};

struct stopper_type {
    const char *name;
    /* Whether to stop the trial, given the rungs. best: of its iterations so far. Fills in *ret,
     * except the name; ret->of is 0 if there is nothing to compare with. */
    bool (*judge)(const struct spec *spec, const struct rungs *rungs, uint64_t trial, double best,
                  struct stopper_why *ret);
    enum rungs_score score; /* by which its rungs rank trials */
};

extern const struct stopper_type stopper_asha;
extern const struct stopper_type stopper_hyperband;
extern const struct stopper_type stopper_median;
