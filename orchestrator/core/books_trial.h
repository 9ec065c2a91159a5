/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A trial as the books hold it, with its attempts and the last values of its metrics. Must not know
 * its sweep. */
#include "base/heap.h"
#include "base/map.h"
#include "sweep/fact.h"
#include "sweep/history.h"

struct book_attempt {
    uint32_t number;        /* 0: none yet */
    bool partial;           /* loaded from its row, with only the number, agent, slot and ran */
    int state;              /* enum attempt_state */
    enum trial_reason stop; /* why it was asked to stop; REASON_NONE */
    enum trial_reason reason;
    char agent[64];
    uint32_t slot;
    char *grant;                   /* JSON (grant.h); NULL: that slot alone */
    uint32_t gpu_milli;            /* the GPUs that it holds, in thousandths */
    int64_t launched_ms, ended_ms; /* 0: not yet */
    int64_t ran_ms;                /* by a steady clock, once it has ended */
    int code, signal;
    uint64_t offset[FACT_STREAMS]; /* bytes made durable of each stream */
    uint64_t points, bad_lines, log_dropped;
    uint64_t samples; /* points of FACT_STREAM_SYSTEM, which are in no other count */
    uint64_t long_lines, stdout_dropped, rewrites; /* as in struct points and struct fact */
    uint64_t dropped_values; /* whose names were more than LIMIT_METRIC_KEYS */
    int64_t next_step;
    char *text;     /* the error of its end; may be NULL */
    char *stop_why; /* JSON: why a rule stopped it (strategies/stopper.h); may be NULL */
};

/* An attempt that was lost with its agent, and what it had reported, while a later one has its
 * place: its agent may return. */
struct book_aside {
    struct book_attempt attempt;
    struct objective objective;
    int64_t step;
    struct map last; /* as in the trial */
};

struct book_trial {
    uint64_t number;
    int state; /* enum trial_state */
    enum trial_reason reason;
    uint64_t cursor;
    char *params;          /* JSON as Python writes it: NaN and infinities bare */
    char *why;             /* the same; may be NULL */
    uint32_t failed, lost; /* attempts that used up retry.failed and retry.host */
    char *lost_on; /* the agents that it was lost on, each followed by a line end; NULL: none */
    int64_t created_ms, started_ms, ended_ms; /* the last two of the newest attempt */
    uint32_t attempts;                        /* numbers given: of the newest attempt */
    struct book_attempt attempt;              /* the current one, most often the newest */
    struct book_aside *asides; /* in order of number, each of another agent; none once it ended,
                                * unless as lost */
    size_t asides_n, asides_cap;
    bool asides_changed;        /* since books_sweep_out() */
    bool loose;                 /* books_seal() must handle it */
    struct objective objective; /* of the newest attempt */
    int64_t step;               /* of the last point */
    struct map last; /* key -> struct book_metric *: the last values of the newest attempt */
    struct book_metric **changed; /* of those, the ones set since books_sweep_out() */
    size_t changed_n, changed_cap;
    bool metrics_gone;            /* the values of an earlier attempt were dropped since then */
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

struct book_trial *books_trial_new(uint64_t number);
void books_trial_free(struct book_trial *t);
/* Sets the last value of a metric, as it was loaded: `last` is that of a trial or an aside. */
void books_load_metric(struct map *last, const char *key, double value);
/* The same, as it was reported: it is among `changed` until books_trial_seal(). */
void books_trial_set_metric(struct book_trial *t, const char *key, double value);
/* Begins another attempt. True where the one before is kept until books_trial_seal(). */
bool books_trial_next_attempt(struct book_trial *t, const struct book_attempt *next);
/* Whether the attempt was lost because nobody heard of its agent: it may still run. A retry of its
 * trial leaves it behind. */
bool books_trial_may_return(const struct book_attempt *at);
/* The attempt of this number, current or aside, that may return; NULL: none. */
const struct book_attempt *books_trial_lost(const struct book_trial *t, uint64_t number);
/* Takes such an attempt up again. The one that it replaces, which has ended, is kept until
 * books_trial_seal(). */
void books_trial_reinstate(struct book_trial *t, uint32_t number);
/* Puts an attempt aside, as it was loaded. Takes ownership of what it holds. */
void books_trial_load_aside(struct book_trial *t, const struct book_aside *aside);
/* The trial has ended: none of the attempts aside returns. */
void books_trial_drop_asides(struct book_trial *t);
/* This attempt becomes the current one, in place of an earlier one that had returned. */
void books_trial_move_on(struct book_trial *t, const struct book_attempt *last);
/* Resets a trial that ended without a result: it is as before its first attempt, but the numbers
 * of its attempts continue. */
void books_trial_retry(struct book_trial *t);
/* An attempt was lost on this agent. */
void books_trial_note_loss(struct book_trial *t, const char *agent);
/* That attempt was not lost. */
void books_trial_unnote_loss(struct book_trial *t, const char *agent);
/* On how many agents it was lost, with this one. */
uint32_t books_trial_hosts_lost(const struct book_trial *t, const char *agent);
/* Its rows were copied. */
void books_trial_seal(struct book_trial *t);
