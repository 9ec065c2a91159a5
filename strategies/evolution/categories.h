/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Independent chances of the values of each categorical parameter, learnt from ranked points: after
 * Hamano et al., "CatCMA", arXiv:2405.09962, sections 3.1 and 3.3, with a fixed rate. Knows no
 * losses and no spaces. */
#include <stddef.h>

struct category {
    size_t n;        /* values */
    double *places;  /* n: the coordinate of each; holds the other two */
    double *prior;   /* n: the chances of the spec */
    double *chances; /* n */
};

struct categories {
    size_t n;
    struct category *items;
};

void categories_start(struct categories *c); /* the prior */
/* Moves the chances of category k towards the values that n points have: weights sum up to 1. NaN:
 * the parameter does not exist there. */
void categories_update(struct categories *c, size_t k, const double *values, const double *weights,
                       size_t n, double rate);
/* The place of the value at u in [0, 1). */
double categories_at(const struct category *c, double u);
