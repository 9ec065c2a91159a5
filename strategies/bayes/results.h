/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The history of a sweep as a model learns from it: settled points, losses to be minimised, and
 * points whose results are still to come. */
#include "language/spec.h"
#include "sweep/history.h"

struct results {
    size_t d, n, failed, pending;
    double *x;        /* n x d */
    double *losses;   /* n, finite */
    double worst;     /* of all losses; what failed trials count as */
    bool *bad;        /* n: failed, or without a finite result */
    uint64_t *trials; /* n: their numbers */
    double *waiting;  /* pending x d */
    /* Once a trial was stopped early: the logarithm of the iterations that each result stands for, as a
     * part of that of a complete trial's, `full`; else NULL. A running trial that has reported is a
     * result too, beside being waited for. */
    double *reached;
    uint64_t full;
    size_t partial, running; /* results with reached < 1; of running trials */
};

/* kinds: d of enum feature_kind; trials whose values are not of this space are left out. What a trial
 * without a usable result counts as is metric.impute and metric.impute_while_running. */
void results_init(struct results *r, const struct history *h, const struct spec *spec,
                  const unsigned char *kinds);
void results_done(struct results *r);
/* What a failed trial counts as, where many near it did not fail: less than the worst of all, as trials
 * fail by chance too. The share of those near it that failed, weighed by their distance, times the
 * worst loss; the rest times the mean loss of the others there. */
void results_blend_failed(struct results *r, const unsigned char *kinds);
/* Leaves failed trials out. */
void results_drop_failed(struct results *r);
/* Places of all results, the best first: those that have come further come first, and of equals those
 * with the lower loss, then the latest; but those as bad as the worst come last. */
void results_rank_reached(const struct results *r, size_t *ret);
/* The places of at most `most` results that a model can be made from where all are too many: half of
 * them the best, a quarter the latest, the others evenly from the rest. ret: room for `most`.
 * Returns how many. order: all places, the best first. */
size_t results_choose(const struct results *r, const size_t *order, size_t most, size_t *ret);
