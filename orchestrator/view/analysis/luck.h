/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether the best result of a sweep is luck: what repeats of configurations and the model of bayes say of its
 * noise, and which trial is probably the best. */
#include "orchestrator/view/view.h"
#include "strategies/bayes/recommend.h"
#include "sweep/replicate/repeated.h"

struct luck {
    struct recommend model;
    enum recommend_verdict verdict;
    struct repeated repeats; /* own: of the best trial's configuration */
    double noise;            /* deviation of a result; NaN: not known */
    size_t measured;         /* repeats that say it; 0: the model does */
    const char *why;         /* it is not known, in the arena */
};

/* sweep: as view_sweep() has it. Nothing is found where this version cannot read its spec. */
NODISCARD int luck_find(struct view *v, struct arena *a, const char *id, const struct value *sweep,
                        struct luck *ret, struct err *err);
/* Adds to doc "verdict", "recommended", "repeats" and "better", each where there is one (docs/openapi.yaml). */
void luck_put(struct arena *a, struct value *doc, const struct luck *l);
/* The document sweeps/ID/luck. */
NODISCARD int luck_read(struct view *v, struct arena *a, const char *id, struct value **ret,
                        struct err *err);
