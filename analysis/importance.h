/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How much each parameter of a sweep matters, with an interval and a test against noise. The
 * importances of all parameters sum to 1, except correlations. Everything random is drawn by a fixed seed: the same
 * trials give the same numbers. Pure. */
#include "analysis/factor.h"

enum importance_method {
    IMPORTANCE_PED_ANOVA,
    IMPORTANCE_FANOVA,
    IMPORTANCE_FOREST,      /* FOREST_GAIN of forest.h */
    IMPORTANCE_CORRELATION, /* correlation.h */
    IMPORTANCE_METHODS
};

/* The share of the trials that PED-ANOVA compares with all of them. */
#define IMPORTANCE_GAMMA 0.1

struct importance {
    const struct factor *factor;
    double value;
    double low, high;  /* the middle 90 % of the refits, and the value */
    double noise_high; /* the upper end of the same interval of a shuffled or random parameter */
    double rho; /* Spearman's correlation with the loss; NaN: categorical, or another method */
    /* The data cannot tell the parameter from noise: low <= noise_high. For a forest the median of its trees
     * takes the place of low: a tree that lacks the few poor trials of a search shows nothing. */
    bool noise;
};

const char *importance_method_name(enum importance_method m);
/* Whether it fits a random forest, whose trees are the refits. */
bool importance_method_is_forest(enum importance_method m);
/* The method of that name; -1 if there is none. */
int importance_method_find(const char *name);
/* How many trials it takes before numbers are given: max(20, 5 times the parameters). */
size_t importance_wanted(size_t parameters);
/* losses: one finite number for each row of fs, lower is better. Writes an item for each factor
 * into ret[], the largest value first. There must be at least 2 rows. */
void importance_estimate(const struct factors *fs, const double *losses, enum importance_method m,
                         struct importance *ret);
