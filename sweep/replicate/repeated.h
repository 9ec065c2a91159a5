/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Finished trials with equal points, and what their results differ by: noise that was measured. Whoever fills
 * in the history sets seeds to one value. Pure. */
#include "sweep/history.h"

struct repeated_group {
    uint64_t trial; /* the first of them with the best result */
    size_t n;       /* results; below 2 they are no repeats */
    double mean, sd, low, high;
};

struct repeated {
    struct repeated_group own; /* with the trial that was asked for; n is 0 if that has no result */
    struct repeated_group
        better;     /* the repeated one whose mean is the best, if `own` is repeated and
                                     has a worse one; n is 0 else */
    size_t n;       /* results that have a repeat */
    size_t freedom; /* of sd: n, less one for each configuration */
    double sd;      /* deviation of a result from the mean of its configuration, of all of them; NaN
                                     without repeats */
};

void repeated_find(const struct history *h, uint64_t trial, struct repeated *ret);
