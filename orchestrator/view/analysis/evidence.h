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
    double value;    /* of the metric; NaN: none, or not a number */
    double last;     /* the last value that it reported, for trials that are still running */
    double compared; /* its value where trials are compared; NaN: it is not */
    enum trial_state state;
    uint32_t attempt; /* that counts; 0: none */
};

struct evidence {
    char id[16];
    const struct value *sweep;
    struct spec *spec;
    const char *metric;
    bool maximize;
    struct evidence_trial *trials;
    size_t n, cap;
    size_t in_state[TRIAL_STATES], used_in[TRIAL_STATES]; /* all; those that are compared */
    size_t finished;                                      /* with a finite value */
    uint64_t
        rung; /* the iteration at which trials are compared; 0: at the end of those that finished */
    /* early_terminate, and nobody chose where: the place changes with the trials. */
    bool by_rule;
    bool fell_back;         /* to the rung, as too few finished */
    struct factors factors; /* a row for each trial */
    struct factors used;    /* a row for each trial that is compared */
    double *losses;         /* of these, lower is better */
};

struct evidence_query {
    const char *metric; /* NULL: the sweep's */
    const char *goal;   /* "minimize" or "maximize"; NULL: that of the metric in the spec */
    bool needs_goal;
    /* Where trials are compared: "end", or the iteration of a rung. NULL: at the end, or where too few
     * trials finished, at the highest rung that enough trials have reached. */
    const char *at;
};

/* Reads the sweep of this id, into the arena too. e must be given to evidence_done() even after an
 * error. ERR_SPEC if its spec cannot be read; ERR_USAGE if it has no metric, or the query is wrong. */
NODISCARD int evidence_read(struct evidence *e, struct view *v, struct arena *a, const char *id,
                            const struct evidence_query *q, struct err *err);
void evidence_done(struct evidence *e);
/* "331 stopped early, 14 failed": the trials that are not compared, and why; "" if there are none. */
void evidence_left_out(const struct evidence *e, struct buf *out);
/* "12 finished, 30 stopped early": those that are compared. */
void evidence_used(const struct evidence *e, struct buf *out);
/* "finished trials", "trials at iteration 9": what is compared. */
const char *evidence_basis(const struct evidence *e, struct arena *a);
/* "of 34 trials at iteration 9 (at a rung until 20 have finished)", "of 60 finished trials": with the rule
 * where the place changes by itself. */
const char *evidence_basis_line(const struct evidence *e, struct arena *a);
/* The iteration at which trials are compared, or null: the end. */
struct value *evidence_at(const struct evidence *e, struct arena *a);
/* A sentence for the case that finished trials are compared and most were stopped early: how many finished, how
 * many trials it takes until enough have, and what helps. It begins with a space; "" otherwise. */
const char *evidence_stopped(const struct evidence *e, size_t wanted, struct arena *a);
/* "digits", or the id if the sweep has no name. */
const char *evidence_name(const struct evidence *e);
/* "minimize" as an arrow down, "maximize" as one up; in ASCII as a word. */
const char *evidence_goal(const struct evidence *e, bool utf8);
