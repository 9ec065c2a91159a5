/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a running sweep looks: on a terminal one block that is drawn over itself, elsewhere a line a
 * change. What happened and how late it is stand in struct progress. */
#include <stdint.h>
#include <stdio.h>
#include "cli/look/causes.h"
#include "cli/screen/frame.h"

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
    const char *outlook; /* "next 20 trials: 27 % for a new best"; NULL: not known */
    const double *best_trace;
    size_t best_trace_n;
    struct progress_row rows[PROGRESS_ROWS]; /* those that run, then the newest that ended */
    size_t rows_n;
    size_t running_rows;      /* of them, those that run */
    const char *keys;         /* of the keyboard: "p pause  q stop  ?"; NULL: none */
    const char *store_option; /* " --store DIR" where a command needs it; NULL: none does */
    const struct cause *failures[PROGRESS_FAILURES]; /* the newest first; NULL: no more */
};

/* What the block is drawn with. */
struct progress_look {
    size_t lines, columns; /* of the terminal that it may take */
    bool ascii;
    size_t rows; /* lines for trials that it has had before: it does not become lower again */
};

struct progress_view {
    FILE *out;
    bool terminal, json; /* json: each line is an object */
    bool colour, ascii;
    int64_t redraw_ms;
    struct frame shown, next; /* shown: what stands on the terminal, its cursor below it */
    bool stands;              /* `shown` does */
    size_t rows;              /* as in progress_look */
    int64_t drawn_ms;         /* elapsed_ms at which it was drawn, or a line printed; -1: never */
    struct buf note;          /* a line of the block: a question; empty: none */
};

enum { PROGRESS_REDRAW_MS = 250, PROGRESS_REDRAW_FAR_MS = 1000, PROGRESS_LINE_MS = 60000 };

void progress_init(struct progress_view *v, FILE *out, bool terminal);
void progress_free(struct progress_view *v);
/* Whether progress_event() without a line would show something now. */
bool progress_is_due(const struct progress_view *v, int64_t elapsed_ms);
/* Something has changed, or time has passed. On a terminal the block is drawn again, at most every
 * redraw_ms. Elsewhere `line`, which says what happened (cli/progress/event_line.h), is printed with
 * the counts after it; where it is NULL, a line on the running trials if nothing was printed for
 * PROGRESS_LINE_MS. */
void progress_event(struct progress_view *v, const struct progress *p, const char *line);
/* Prints a message of its own line above the block: a warning, say. */
void progress_message(struct progress_view *v, const struct progress *p, const char *text);
/* Draws the block now: the terminal has another size, or the keyboard asked for something. */
void progress_redraw(struct progress_view *v, const struct progress *p);
/* Others have written to the terminal: the next block is a new one below. */
void progress_forget(struct progress_view *v);
/* Draws the block a last time and leaves it there. */
void progress_done(struct progress_view *v, const struct progress *p);
