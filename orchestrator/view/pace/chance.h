/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Whether more trials are worth it: the chance that one of the next ones is a new best.
 * Where trials are drawn alike it is exact: each is as likely the best, so that result t is a new best with the
 * probability 1/t. A method that learns finds more of them until it has converged: it is taken to have the rate a/t, and how many the later half
 * of the results had says what `a` is. Steady progress is underestimated so. What came of the forecasts that this rule would have made
 * before says how far to trust it. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    CHANCE_NEXT = 20,         /* trials that a chance is told of, at most */
    CHANCE_ALIKE_MIN = 3,     /* results, where trials are drawn alike */
    CHANCE_LEARNS_MIN = 10,   /* else */
    CHANCE_FORECASTS_MAX = 20 /* the last of those that were told before */
};

/* The results in the order in which they came. */
struct chance_past {
    uint64_t results;
    uint64_t *bests; /* how many results there were with each new best */
    size_t n, cap;
    double best;
};

struct chance {
    uint64_t next; /* trials */
    int percent;
    uint64_t results;
    bool alike;
    /* Unless alike: forecasts that were made before and are decided, and how many of them held: they said 50 % or more and
     * a new best came, or less and none came. */
    unsigned forecasts, held;
};

void chance_past_done(struct chance_past *past);
/* A trial finished or was stopped; NaN: without a value. */
void chance_past_add(struct chance_past *past, bool maximize, double objective);
/* total: trials of the sweep, 0: it has no end; ended: those that have ended. False: there are too few
 * results, or nothing is left. */
bool chance_find(const struct chance_past *past, bool alike, uint64_t total, uint64_t ended,
                 struct chance *ret);
/* "next 20 trials: 27 % for a new best" */
const char *chance_text(struct arena *a, const struct chance *c);
/* "15 of its last 20 forecasts held"; NULL where the chance is exact. In brief: "15 of 20 held", "8 of 20 held, no better than a guess" */
const char *chance_record(struct arena *a, const struct chance *c);
const char *chance_brief(struct arena *a, const struct chance *c);
/* How the chance was found, as a sentence. */
const char *chance_basis(struct arena *a, const struct chance *c);
