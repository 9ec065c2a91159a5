/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* PED-ANOVA (Watanabe, Bansal and Hutter 2023, arXiv 2304.10255): how far the best trials of a
 * sweep differ from all its trials in one parameter, by the Pearson divergence of two densities on
 * a grid. A parameter that exists only in some trials is handled as in Conditional PED-ANOVA (arXiv
 * 2601.20800, theorem 4.2). Formulas, grid and bandwidth are those of Optuna 5, so that the numbers
 * agree. Pure. */
#include "analysis/factor.h"

enum { PED_ANOVA_STEPS = 50 }; /* the most cells of the grid of a number */

/* A factor on its grid. */
struct ped_anova_grid {
    bool category;
    size_t cells;
    int32_t *cell; /* of each row; -1: the parameter does not exist there */
};

void ped_anova_grid_init(struct ped_anova_grid *g, const struct factor *f, size_t rows);
void ped_anova_grid_done(struct ped_anova_grid *g);

/* The importance, without the factor (gamma'/gamma)^2 that all parameters share:
 * alpha^2 / beta * sum over cells of p (q / p - 1)^2 (2304.10255, equation 16), where p is the
 * density of all trials, q that of the best, alpha and beta the shares of either in which the
 * parameter exists. best[], all[]: how many trials are in each of the cells; n_best, n_all: how
 * many there are, also those without the parameter. */
double ped_anova_importance(const struct ped_anova_grid *g, const double *best, const double *all,
                            double n_best, double n_all);
