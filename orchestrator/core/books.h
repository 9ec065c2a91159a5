/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The books: the state that the facts fold into. books_apply() is the only way in, for facts as
 * they happen and for facts read back. Trials that ended for good are only counted: what is kept of
 * them lies in the store. Pure; must not know SQL, messages or time. */
#include "base/heap.h"
#include "base/map.h"
#include "sweep/fact.h"
#include "sweep/history.h"
#include "language/spec.h"
#include "strategies/stopper.h"

struct book_attempt {
    uint32_t number;        /* 0: none yet */
    int state;              /* enum attempt_state */
    enum trial_reason stop; /* why it was asked to stop; REASON_NONE */
    enum trial_reason reason;
    char agent[64];
    uint32_t slot;
    int64_t launched_ms, ended_ms; /* 0: not yet */
    int64_t ran_ms;                /* by a steady clock, once it has ended */
    int code, signal;
    uint64_t offset[FACT_STREAMS]; /* bytes made durable of each stream */
    uint64_t points, bad_lines, log_dropped;
    uint64_t long_lines, stdout_dropped, rewrites; /* as in struct points and struct fact */
    uint64_t dropped_values; /* whose names were more than LIMIT_METRIC_KEYS */
    int64_t next_step;
    char *text;     /* the error of its end; may be NULL */
    char *stop_why; /* JSON: why a rule stopped it (strategies/stopper.h); may be NULL */
};

struct book_trial {
    uint64_t number;
    int state; /* enum trial_state */
    enum trial_reason reason;
    uint64_t cursor;
    char *params;          /* JSON as Python writes it: NaN and infinities bare */
    char *why;             /* the same; may be NULL */
    uint32_t failed, lost; /* attempts that used up retry.failed and retry.host */
    int64_t created_ms, started_ms, ended_ms; /* the last two of the newest attempt */
    struct book_attempt attempt;              /* the newest */
    struct objective objective;               /* over the newest attempt */
    int64_t step;                             /* of the last point; -1 before */
    struct map last; /* key -> struct book_metric *: the last values of the newest attempt */
    struct book_metric **changed; /* of those, the ones set since books_sweep_out() */
    size_t changed_n, changed_cap;
    bool metrics_gone;            /* an earlier attempt's were forgotten since then */
    size_t rungs_kept;            /* rungs that it has reached, as of books_sweep_out() */
    struct heap_item pending;     /* in its sweep's `pending` while it is */
    struct book_attempt *earlier; /* attempts before the newest, until books_sweep_out() */
    size_t earlier_n, earlier_cap;
};

struct book_metric {
    double value;
    uint32_t place; /* in order of first report, from 0 */
    bool changed;   /* it is among its trial's `changed` */
    char key[];
};

struct book_sweep {
    char id[16];
    char *name, *path, *workdir; /* name may be NULL */
    struct spec *spec;
    char *fault; /* what is wrong with spec, which then is good for looking alone; NULL: nothing */
    uint64_t seed, total;
    int state; /* enum sweep_state */
    enum trial_reason reason;
    char *text; /* why it is paused; may be NULL */
    int64_t created_ms, ended_ms;
    uint64_t proposed;             /* trials there are: numbers 0…proposed-1 */
    uint64_t counts[TRIAL_STATES]; /* trials in each state, ended ones among them */
    uint32_t failure_streak;       /* attempts in a row that failed within seconds */
    int64_t failure_ms;            /* when the last of them did */
    struct objective_best best;
    struct stopper *stopper; /* NULL: no trial is stopped early */
    struct map open;         /* number -> struct book_trial *: the trials that have not ended */
    struct heap pending;     /* those that are pending, by number */
};

struct book_ref {
    struct book_sweep *sweep;
    uint64_t number;
};

struct books {
    uint64_t seq;           /* of the last fact folded */
    struct map sweeps;      /* id -> struct book_sweep *, in order of creation */
    struct book_ref *loose; /* trials that books_seal() has something to do with */
    size_t loose_n, loose_cap;
    struct book_ref *leaving; /* trials that have ended and whose rows were taken */
    size_t leaving_n, leaving_cap;
};

/* An attempt that ran for less has failed quickly; failures that lie further apart are not in a row. */
enum { BOOKS_QUICK_FAILURE_MS = 10000, BOOKS_STREAK_GAP_MS = 5 * 60000 };

void books_init(struct books *b);
void books_done(struct books *b);
/* Folds one fact, whose seq is higher than that of the last. ERR_STATE or ERR_NOT_FOUND with a text
 * where it does not fit the books: then nothing has changed. Trials that have just ended stay to be looked at until books_sweep_out(). */
NODISCARD int books_apply(struct books *b, const struct fact *f, struct err *err);
/* Call when the rows of all that has happened were taken (store_seal): frees attempts that another
 * followed. Returns how many trials have ended since the last release; they can still be looked at. */
size_t books_seal(struct books *b);
/* Frees the first n of those. */
void books_release(struct books *b, size_t n);
void books_sweep_out(struct books *b); /* both at once */

struct book_sweep *books_sweep(const struct books *b, const char *id);       /* NULL if none */
struct book_trial *books_trial(const struct book_sweep *s, uint64_t number); /* NULL if not open */
/* How a trial stands, as a history of its sweep has it. */
struct history_fate books_fate(const struct book_trial *t);
struct book_trial *books_first_pending(const struct book_sweep *s); /* the lowest; NULL if none */
/* Drops a sweep that has ended and has no open trial. */
void books_drop_sweep(struct books *b, struct book_sweep *s);

/* For whoever loads rows instead of facts: adds a sweep or an open trial as it stood, its state
 * filled in. Takes ownership. */
struct book_sweep *books_add_sweep(struct books *b, struct book_sweep *s);
struct book_trial *books_add_trial(struct book_sweep *s, struct book_trial *t);
struct book_sweep *books_sweep_new(const char *id);
/* Reads the sweep's spec from the content that the store holds. */
void books_read_spec(struct book_sweep *s, const struct value *content);
/* Its trials cannot be worked on: forgets those that are open, and keeps why as the sweep's fault. */
void books_leave_trials(struct book_sweep *s, const char *fault);
struct book_trial *books_trial_new(uint64_t number);
void books_trial_free(struct book_trial *t);
/* Sets the last value of a metric, as it was loaded. */
void books_load_metric(struct book_trial *t, const char *key, double value);
