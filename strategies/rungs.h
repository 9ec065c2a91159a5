/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rungs of a sweep: for each band of early_terminate, the values of the trials that reached
 * it. A fold of reports: a rung belongs to an iteration (sweep/objective.h), and each trial has at
 * most one value at a rung. The rules of early_terminate compare values at rungs and decide which
 * trial to stop. Only the values of trials that have ended are kept. */
#include "base/map.h"
#include "language/spec.h"
#include "strategies/ranking.h"

enum rungs_score {
    RUNGS_VALUE, /* a trial is ranked at a rung by its value there */
    RUNGS_MEAN   /* by the mean of its values at this rung and those before it */
};

struct rungs_mark {
    double value; /* as reported */
    /* The comparison when it came there: the compared score, the worst score that continued, its
     * rank, and of how many; of is 0 if there was nothing to compare with. */
    double compared, threshold;
    uint64_t rank, of;
};

struct rungs_trial {
    size_t n;   /* rungs that it has reached: bands[0…n-1] */
    double sum; /* of the values */
    struct rungs_mark marks[];
};

struct rungs {
    uint64_t *bands; /* iterations, ascending, each once */
    size_t n;
    bool maximize;
    enum rungs_score score;
    struct ranking *rankings; /* of each band; the scores are negated if they are maximised */
    struct map trials;        /* number -> struct rungs_trial *: those not forgotten */
};

void rungs_init(struct rungs *r, const struct spec *spec, enum rungs_score score);
void rungs_done(struct rungs *r);
/* The trial's iteration-th finite value. The mark at the rung that it has reached by it, to be filled
 * in; NULL where it has reached none. */
struct rungs_mark *rungs_report(struct rungs *r, uint64_t trial, uint64_t iteration, double value);
void rungs_forget(struct rungs *r, uint64_t trial); /* it has ended */
/* It is there again: with its values at the first n rungs, which were reported. */
void rungs_recall(struct rungs *r, uint64_t trial, const double *values, size_t n);
/* NULL where it has reached none, or is forgotten. */
const struct rungs_trial *rungs_trial(const struct rungs *r, uint64_t trial);
/* The k-th best score at a rung, from 1; and the rank of a score there: 1 and how many are better. */
double rungs_value(const struct rungs *r, size_t rung, uint64_t k);
uint64_t rungs_rank(const struct rungs *r, size_t rung, double value);
/* Whether a value is worse than another, by the goal. */
bool rungs_worse(const struct rungs *r, double value, double than);
