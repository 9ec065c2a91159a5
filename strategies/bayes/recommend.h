/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trial to use at the end of a noisy sweep. The best observed result may be luck; the model of
 * bayes knows the results nearby as well. A function of the spec, the seed and the history, for
 * sweeps of any method. */
#include "language/spec.h"
#include "sweep/history.h"

enum { RECOMMEND_TOP = 5, RECOMMEND_RESULTS_MIN = 8, RECOMMEND_DRAWS = 4000 };

/* What the model says of the best result. */
enum recommend_verdict {
    RECOMMEND_UNKNOWN, /* nothing: n is 0 */
    RECOMMEND_BEST,    /* its trial has the best mean too */
    RECOMMEND_LUCK,    /* another is clearly more likely the best, or clearly better */
    RECOMMEND_TIE, /* another has the best mean, and this one's is as good within its deviation */
    RECOMMEND_OPEN /* another has the best mean, but is hardly likely the best itself */
};

struct recommend_trial {
    uint64_t trial;             /* its number */
    double expected, low, high; /* the model's mean, and one deviation about it, as the metric */
    double chance; /* P(best): the share of joint draws from the model in which it is the best */
};

struct recommend {
    size_t n; /* of top; 0: too few results, or no noise to speak of */
    struct recommend_trial top[RECOMMEND_TOP]; /* finished trials, the best mean first */
    struct recommend_trial observed;           /* the finished trial with the best result */
    size_t results;                            /* trials that finished with one */
    size_t
        needed; /* so many results must show no noise before there is none, as far as one can tell */
    double noise; /* deviation of such a result from what its parameters give; NaN where n is 0 */
};

/* At most 512 results are looked at, as in bayes. Trials with equal parameters count as one. */
void recommend_trials(const struct history *h, const struct spec *spec, uint64_t seed,
                      struct recommend *ret);
enum recommend_verdict recommend_verdict(const struct recommend *r);
