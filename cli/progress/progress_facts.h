/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is known of a running sweep at a moment, for those who show it. Values alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "orchestrator/view/pace/causes.h"

enum { PROGRESS_ROWS = 24, PROGRESS_FAILURES = 4 };

/* A trial. */
struct progress_row {
    uint64_t trial;
    int state;          /* enum trial_state */
    int64_t elapsed_ms; /* -1: not known */
    const char *place;  /* "ep 14/30", "step 3"; "": it has reported nothing */
    bool has_value;
    double value; /* of the metric: the last one; of a trial that has ended, its objective */
    bool is_best;
    const char *const *params; /* "lr=0.001", "depth=4" */
    size_t params_n;
    const double *trace; /* of the metric */
    size_t trace_n;
    const char *where; /* its agent or GPU; NULL or "": not shown */
};

struct progress {
    const char *name, *sweep;   /* name may be NULL; the id */
    const char *state;          /* "running", "paused", "stopping" … */
    const char *metric, *goal;  /* NULL: none; "minimize" or "maximize" */
    const char *method, *seed;  /* "tpe+asha", "seed 7"; NULL: not shown */
    bool over;                  /* this is the last block: it stays where it is */
    uint64_t total;             /* 0: no end known */
    uint64_t finished, stopped; /* trials that ended */
    uint64_t failed, other;     /* other: cancelled, lost */
    uint64_t running, pending, slots;
    uint64_t ended_before;   /* of those that ended, the ones an earlier run had done */
    bool has_best, new_best; /* new_best: by the event that the line is about */
    double best;
    uint64_t best_trial;            /* number */
    int64_t best_age_ms;            /* since it was found; -1: not known */
    const char *const *best_params; /* as in a row */
    size_t best_params_n;
    int64_t elapsed_ms; /* since this run began, or this watching */
    const char *waits;  /* what it waits for; NULL: nothing */
    const char *clock;  /* the time of day; NULL: no line has it */
    double time;        /* since 1970, of a line of JSON; 0: it has none */
    bool has_left;      /* how long the rest takes: */
    int64_t left_low_ms, left_high_ms;
    /* "next 20 trials: 27 % for a new best", "15 of 20 held"; NULL: not known */
    const char *chance, *record;
    const double *best_trace;
    size_t best_trace_n;
    struct progress_row
        rows[PROGRESS_ROWS]; /* those that run, the newest of each state that ended, the others */
    size_t rows_n;
    size_t running_rows;      /* of them, those that run */
    const char *keys;         /* of the keyboard: "p pause  q stop  ?"; NULL: none */
    const char *store_option; /* " --store DIR" where a command needs it; NULL: none does */
    const struct cause *failures[PROGRESS_FAILURES]; /* the newest first; NULL: no more */
    const char *failures_with[PROGRESS_FAILURES]; /* "batch=512" of each; NULL: nothing is clear */
};
