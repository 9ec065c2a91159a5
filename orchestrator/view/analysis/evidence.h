/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials of a sweep as numbers, for importances and plots: each with its parameters and its
 * value of one metric. */
#include "analysis/importance.h"
#include "base/buf.h"
#include "language/spec.h"
#include "orchestrator/view/view.h"
#include "sweep/trial.h"

struct evidence_trial {
    uint64_t number;
    double value; /* of the metric; NaN: none, or not a number */
    double last;  /* the last value that it reported, for trials that are still running */
    enum trial_state state;
    uint32_t attempts;
};

struct evidence {
    char id[16];
    const struct value *sweep;
    struct spec *spec;
    const char *metric;
    bool maximize;
    struct evidence_trial *trials;
    size_t n, cap;
    size_t in_state[TRIAL_STATES];
    size_t without_value;   /* finished, but without a finite value */
    struct factors factors; /* a row for each trial */
    struct factors used;    /* a row for each trial that is compared: finished, a finite value */
    double *losses;         /* of these, lower is better */
    size_t losses_cap;
};

struct evidence_query {
    const char *metric; /* NULL: the sweep's */
    const char *goal;   /* "minimize" or "maximize"; NULL: that of the metric in the spec */
    bool needs_goal;
};

/* Reads the sweep of this id, into the arena too. e must be given to evidence_done() even after an
 * error. ERR_SPEC if its spec cannot be read; ERR_USAGE if it has no metric, or the query is wrong. */
NODISCARD int evidence_read(struct evidence *e, struct view *v, struct arena *a, const char *id,
                            const struct evidence_query *q, struct err *err);
void evidence_done(struct evidence *e);
/* Whether the trial is one of those that are compared. */
bool evidence_is_used(const struct evidence_trial *t);
/* "331 stopped early, 14 failed": the trials that are not compared, and why; "" if there are none. */
void evidence_left_out(const struct evidence *e, struct buf *out);
/* Where most trials that ended were stopped early: how many of those that ended finished, how many trials it takes
 * until so many have, and what helps. Else "". It begins with a space. */
const char *evidence_stopped(const struct evidence *e, size_t wanted, struct arena *a);
/* "digits", or the id if the sweep has no name. */
const char *evidence_name(const struct evidence *e);
/* "minimize" as an arrow down, "maximize" as one up; in ASCII as a word. */
const char *evidence_goal(const struct evidence *e, bool utf8);
