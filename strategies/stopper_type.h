/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a rule of early termination is: a const descriptor that judges by the rungs of the sweep.
 * Each file of a rule defines one; strategies/stopper.h is for those who use them. */
#include "strategies/rungs.h"

struct stopper_why {
    const char *stopper; /* the rule's name */
    uint64_t rung;       /* the iterations at which the trial was compared */
    double value;        /* the trial's there */
    double threshold;    /* the worst value there that would have stayed */
    uint64_t rank, of;   /* the trial's place among those that came so far; 1 is the best */
};

struct stopper_type {
    const char *name;
    /* Whether to stop the trial, as the rungs stand. */
    bool (*judge)(const struct spec *spec, const struct rungs *rungs, uint64_t trial,
                  struct stopper_why *ret);
};

extern const struct stopper_type stopper_asha;
