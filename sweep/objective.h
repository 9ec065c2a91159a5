/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The objective of a trial: which of the values that it reports for the sweep's metric counts, how
 * far the trial has come, and which trial is the best. The books, besom ask and the histories of
 * strategies all fold reports by this. Knows nothing of attempts, points or specs. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sweep/pareto.h"

struct objective_rule {
    bool maximize, last; /* metric.goal, metric.reduce */
    bool has_target;
    double target;
    size_t others_n; /* objectives beside this one: with several, the last value of each counts */
    bool others_maximize[PARETO_OBJECTIVES_MAX - 1];
};

struct objective {
    bool known;   /* a value was reported, be it NaN */
    double value; /* the best or the last of those reported */
    int64_t step; /* at which it was reported */
    /* An iteration is a finite value at a step above those of the iterations before it. An attempt
     * that starts from the beginning repeats steps, one that continues from a checkpoint does not:
     * so the count is valid over all attempts of a trial. */
    uint64_t iterations;
    int64_t iteration_step; /* of the last one */
    double iteration_best;  /* the best of them, by the goal; 0 where there is none */
};

struct objective_best {
    bool known;
    uint64_t trial; /* number; the lowest of equals */
    double value;
};

/* Finite values come before infinite ones, and those before NaN; among numbers of a kind the goal
 * decides. */
bool objective_is_better(const struct objective_rule *rule, double value, double than);
/* Folds a value that a trial has reported. Returns whether it is one more iteration. */
bool objective_fold(const struct objective_rule *rule, struct objective *o, double value,
                    int64_t step);
/* Whether the trial's values stay NaN or infinite: for as many steps as three finite values take, or in
 * its first three reports. last: the last of them; step: of the last report; reports: how many. */
bool objective_is_lost(const struct objective *o, double last, int64_t step, uint64_t reports);
/* A new attempt begins: it is judged by what it reports itself. */
void objective_restart(struct objective *o);
/* Whether the objective is as good as the target; never where it is not finite. */
bool objective_meets_target(const struct objective_rule *rule, const struct objective *o);
/* Folds a trial that finished or was stopped; whether it is the best now. Only a finite objective
 * can be. */
bool objective_fold_best(const struct objective_rule *rule, struct objective_best *best,
                         uint64_t trial, const struct objective *o);
