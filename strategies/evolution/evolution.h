/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The state of `method: cmaes`: the distribution of the next generation, after some generations and
 * restarts. A function of the seed and the results that it was given, so it can be made again. Knows
 * nothing of trials that run. */
#include "base/number/rng.h"
#include "strategies/bayes/terrain.h"
#include "strategies/evolution/categories.h"
#include "strategies/evolution/cma.h"

enum evolution_restarts { EVOLUTION_BIPOP, EVOLUTION_IPOP, EVOLUTION_ONCE };

struct evolution_rule {
    double sigma;      /* the first step size, as a fraction of the space */
    size_t population; /* of the first run */
    enum evolution_restarts restarts;
};

/* A result: where, its loss, and the trial's number. */
struct evolution_result {
    const double *x; /* d, NaN where a parameter does not exist */
    double loss;
    uint64_t trial;
};

struct evolution {
    const struct terrain *terrain;
    struct evolution_rule rule;
    uint64_t seed;
    size_t numbers_n, *numbers; /* coordinates of the distribution */
    size_t *category_of;        /* coordinates of the categories */
    struct cma cma;
    struct categories categories;
    uint64_t generation; /* of all runs: how many were taken in */
    uint64_t restart;    /* 0: the first run */
    size_t population;   /* of this run */
    uint64_t doublings;  /* of the population, over all runs */
    uint64_t spent[2];   /* results of the later runs with a large and with a small population */
    bool small;          /* this run is one of the latter */
    double level;        /* the best loss of the last generations, if it does not change … */
    uint64_t flat;       /* … for this many generations */
};

/* terrain must outlive it. */
void evolution_init(struct evolution *e, const struct terrain *t, const struct evolution_rule *rule,
                    uint64_t seed);
void evolution_done(struct evolution *e);
void evolution_start(struct evolution *e); /* as after evolution_init() */
void evolution_copy(struct evolution *to, const struct evolution *from); /* of the same space */
/* Takes in a generation of n results, at least two, the best first; begins the next run when this
 * one ends. */
void evolution_learn(struct evolution *e, const struct evolution_result *results, size_t n);
/* Draws a point of the next generation, its coordinates in [0, 1]; `middle`: the mean itself, with
 * drawn categories. */
void evolution_draw(const struct evolution *e, struct rng *rng, bool middle, double *raw);
