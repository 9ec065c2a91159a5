/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How long the rest of a sweep takes, if its trials are like those that have ended: trials are drawn
 * again from the durations of these, and placed on the slots as each becomes free. A running trial
 * takes as long as one of those that took longer than it has so far. The mean of few durations is
 * itself uncertain, which each repetition draws too. The same input gives the same answer. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTLOOK_DURATIONS_MIN = 3 };

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
