/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Results of earlier sweeps, of which a method that learns tries the best first (Feurer et al.,
 * Initializing Bayesian Hyperparameter Optimization via Meta-Learning, 2015). Their objectives may
 * be of another scale, so only ranks within a source count. Knows no method. */
#include "sweep/history.h"

enum { PRIOR_BEST_MAX = 5 };

struct prior_point {
    const struct value *params;
    const char *source;
    double objective;
    size_t rank, of; /* in its source, from 0 */
};

struct prior {
    bool read;
    struct arena arena;
    struct prior_point best[PRIOR_BEST_MAX]; /* the best of each source, not alike */
    size_t best_n;
};

/* sources: [{"source":NAME,"rows":[[PARAMS,OBJECTIVE],…]},…]; objectives by h->rule. */
void prior_read(struct prior *p, const struct history *h, const struct value *sources);
void prior_done(struct prior *p); /* also where prior_read() was not called */
