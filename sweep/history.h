/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials of a sweep and their results, in columns, for strategies that learn. The caller
 * reports the state of each trial. The columns are the same whether the caller does so fact by
 * fact, or once from the trial's row in the store. Knows nothing of attempts, files or time. */
#include "sweep/coordinate.h"
#include "sweep/objective.h"
#include "sweep/trial.h"

/* The state of a trial. */
struct history_fate {
    enum trial_state state;
    double objective;    /* NaN: none */
    uint64_t iterations; /* the resource that it has reached (sweep/objective.h) */
    double cost_s;       /* how long its attempt ran; 0 until it has ended */
    /* The last values of the objectives beside the first, NaN where there is none; as many as
     * rule.others_n says. */
    double others[PARETO_OBJECTIVES_MAX - 1];
};

struct history {
    struct coordinates coordinates;
    size_t dims, n, cap;
    double *points; /* n x dims: trial number i is points[i * dims …] */
    unsigned char *states;
    double *objectives;
    double *others; /* n x rule.others_n */
    uint64_t *iterations;
    double *costs;
    struct objective_rule rule;
    size_t foreign; /* trials that the strategy did not propose, of n: the caller counts them */
};

/* space must outlive it. */
void history_init(struct history *h, const struct space *space, const struct objective_rule *rule);
void history_done(struct history *h);
/* Trials come in the order of their numbers: adds number n, pending. */
void history_add(struct history *h, const struct value *params);
/* Sets the state of trial number `number`, which was added before. */
void history_set(struct history *h, uint64_t number, const struct history_fate *fate);
