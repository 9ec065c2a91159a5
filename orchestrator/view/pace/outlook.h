/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long the rest of a sweep takes, if its trials are like those that have ended: trials are drawn
 * again from the durations of these, and placed on the slots as each becomes free. A running trial
 * takes as long as one of those that took longer than it has so far. The mean of few durations is
 * itself uncertain, which each repetition draws too. The same input gives the same answer. And whether
 * more trials are worth it. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTLOOK_DURATIONS_MIN = 3, OUTLOOK_RESULTS_MIN = 3, OUTLOOK_NEXT = 20 };

struct outlook_input {
    const double *durations; /* of ended trials, in seconds, ascending */
    size_t durations_n;
    const double *ages; /* how long each running trial has run */
    size_t ages_n;
    uint64_t rest; /* trials that have not started */
    size_t slots;  /* at once; at least as many as run */
};

struct outlook {
    double half, most;           /* seconds: as likely more as less; nine times in ten less */
    double work_half, work_most; /* the same of the seconds of all slots together */
};

/* False: there are too few durations, or no slot. */
bool outlook_make(const struct outlook_input *in, struct outlook *ret);
/* How many of the next trials a chance is told of: never more than have not ended. 0: of none, as there are
 * too few results, or nothing is left. total: of the sweep; 0: it has no end. */
uint64_t outlook_next(uint64_t results, uint64_t total, uint64_t ended);
/* The chance, in percent, that one of the next m trials is better than all of n that were drawn as they
 * are: m/(n+m), as each of them is as likely the best. */
int outlook_chance(uint64_t n, uint64_t m);
