/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A sweep as the books hold it, with its trials that have not ended. */
#include "language/spec.h"
#include "orchestrator/core/books_trial.h"
#include "strategies/stopper.h"

struct book_sweep {
    char id[16];
    char *name, *path, *workdir; /* name may be NULL */
    /* The snapshot that its trials run, and the working directory in it; NULL where there is none. */
    char *snapshot, *folder;
    struct spec *spec;
    char *fault; /* the error in spec, which then is for display only; NULL: none */
    uint64_t seed, total;
    int state; /* enum sweep_state */
    enum trial_reason reason;
    char *text; /* why it is paused; may be NULL */
    /* It had ended so, and runs only what somebody has enqueued or retried since. */
    bool only_asked;
    bool asked_edited; /* its spec has changed since: there may be more to run */
    int asked_state;   /* enum sweep_state */
    enum trial_reason asked_reason;
    int64_t created_ms, ended_ms;
    uint64_t proposed; /* trials there are: numbers 0…proposed-1 */
    uint64_t enqueued; /* of them, those that somebody enqueued: `total` does not count them */
    uint64_t counts[TRIAL_STATES]; /* trials in each state, including ended ones */
    uint32_t failure_streak;       /* attempts in a row that failed within seconds */
    int64_t failure_ms;            /* when the last of them failed */
    uint32_t metric_streak;        /* trials in a row that finished without the metric */
    int64_t until_ms;              /* budget.until; 0: none */
    /* How long at least one of its trials ran, until the last time that none did; since when one
     * runs, 0: none does; the latest end since then. */
    int64_t busy_ms, busy_from_ms, busy_to_ms;
    /* GPU time: that of the attempts that have ended, in GPUs times us; the GPUs that those hold
     * that run, in thousandths, and the sum over them of GPUs times launch. */
    int64_t gpu_us, gpu_milli, gpu_from_us;
    struct objective_best best;
    /* The last fact that steered the sweep: somebody's action, a new spec, or a change of its state.
     * Since when this process knows; who it was, and what. "besom": itself; NULL: before that. */
    uint64_t steered;
    int64_t steered_ms;
    char *steered_by, *steered_what;
    struct stopper *stopper; /* NULL: no trial is stopped early */
    struct map open;         /* number -> struct book_trial *: the trials that have not ended */
    struct heap pending;     /* those that are pending: enqueued ones first, then by number */
};

struct book_sweep *books_sweep_new(const char *id);
void books_sweep_free(struct book_sweep *s);
struct book_trial *books_trial(const struct book_sweep *s, uint64_t number); /* NULL if not open */
struct book_trial *books_first_pending(const struct book_sweep *s); /* the first; NULL if none */
/* Adds an open trial with its state filled in. Takes ownership. */
struct book_trial *books_add_trial(struct book_sweep *s, struct book_trial *t);
/* Counts the GPUs of a running attempt, or no longer counts them. */
void books_sweep_count_gpus(struct book_sweep *s, const struct book_attempt *at, bool runs);
/* The GPU time that the sweep has used until then, in GPUs times us. */
int64_t books_sweep_gpu_us(const struct book_sweep *s, int64_t now_ms);
/* The trial's state has changed: adds it to the pending trials, or removes it. */
void books_sweep_order(struct book_sweep *s, struct book_trial *t);
/* The first objective of the sweep that its newest attempt has not reported; NULL if there is none. */
const char *books_sweep_missing(const struct book_sweep *s, const struct book_trial *t);
/* Trials that there will be at most, with those that somebody enqueued beyond; 0: no end known. */
uint64_t books_sweep_total(const struct book_sweep *s);
/* Whether a sweep that an event of this reason revives runs only what somebody asked for. */
bool books_sweep_asked_by(enum trial_reason reason);
/* Whether a result, or what a running trial has reported, has reached its target. */
bool books_sweep_meets_target(const struct book_sweep *s);
/* Whether its rule of early termination stops the trial now, and why. It does not stop repeats. */
bool books_sweep_stops(const struct book_sweep *s, const struct book_trial *t,
                       struct stopper_why *ret);
/* A trial that had ended is there again: its values at the rungs that it had reached. */
void books_sweep_recall(struct book_sweep *s, struct book_trial *t, const double *rungs, size_t n);
/* The state of a trial for the sweep's history. */
struct history_fate books_sweep_fate(const struct book_sweep *s, const struct book_trial *t);
/* Reads the sweep's spec from the content that the store holds. */
void books_read_spec(struct book_sweep *s, const struct value *content);
/* The same for an edited spec, which replaces the one before: its rule of early termination is the
 * same. */
void books_replace_spec(struct book_sweep *s, const struct value *content);
/* Its trials cannot be run: forgets the open ones, and keeps the reason as the sweep's fault. */
void books_leave_trials(struct book_sweep *s, const char *fault);
