/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The first trials of a method that learns, and those for which its model has no point to propose.
 * The first is the middle of the space and the others lie about it, denser near the middle: people
 * choose ranges with the good values inside. */
#include "base/number/rng.h"
#include "strategies/bayes/terrain.h"
#include "strategies/cube.h"
#include "strategies/strategy_type.h"

struct design {
    const char *strategy; /* its name, for the explanations */
    const struct terrain *terrain;
    struct cube cube;
    double *last; /* the point of the cube that was made last: number cube.next - 1 */
    struct rng rng;
};

/* The terrain, with its sampler, must outlive it. */
void design_init(struct design *d, const char *strategy, const struct terrain *t);
void design_done(struct design *d);
/* The point for trial number h->n, or a random one where that is forbidden or not new; reason: why
 * the model is not asked. As propose() of a strategy. */
int design_propose(struct design *d, const struct history *h, const char *reason, struct arena *a,
                   struct proposal *ret, struct err *err);
/* {"strategy":…,"phase":…}, the beginning of an explanation. */
struct value *design_explain(struct arena *a, const char *strategy, const char *phase);
