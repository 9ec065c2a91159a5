/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How much of the variance of the ranks of the losses a parameter explains alone: of a number the square of Spearman's
 * correlation, of a categorical parameter eta squared, the share that lies between its values.
 * Trials without the parameter are left out. Pure. */
#include "analysis/factor.h"

struct correlation {
    const struct factor *factor;
    size_t known;
    uint32_t *by_value; /* the rows that have the parameter, ascending in it */
};

/* Trials as they are compared: again, as often as their weight, and with the parameters of others. */
struct correlation_rows {
    size_t n;
    const uint32_t *by_loss; /* the rows, ascending in the loss */
    const double *losses;
    const uint32_t *weights;
    const uint32_t
        *places; /* which row's parameters a row has; where it is not its own, weights are 1 */
};

void correlation_init(struct correlation *c, const struct factor *f, size_t rows);
void correlation_done(struct correlation *c);
/* The share, 0 to 1; 0 where either does not vary. *ret_rho: Spearman's correlation with the loss; NaN: categorical. */
double correlation_share(const struct correlation *c, const struct correlation_rows *rows,
                         double *ret_rho);
