/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a running sweep looks: on a terminal one block that is drawn over itself, elsewhere a line a
 * change. Formatting alone: what happened and how late it is stand in struct progress. */
#include <stdint.h>
#include <stdio.h>
#include "cli/look/causes.h"

enum { PROGRESS_ROWS = 8 };

/* A trial that runs. */
struct progress_row {
    uint64_t trial;
    int64_t elapsed_ms; /* -1: not known */
    const char *place;  /* "epoch 14", "step 3"; "": it has reported nothing */
    bool has_value;
    double value, best; /* of the metric: the last one, and the objective so far; NaN: none */
    const char *const *params; /* "lr=0.001", "depth=4" */
    size_t params_n;
    const double *trace; /* of the metric */
    size_t trace_n;
    const char *agent; /* NULL or "": not shown */
};

struct progress {
    const char *name, *sweep;         /* name may be NULL; the id */
    const char *state;                /* "running", "paused", "stopping" … */
    const char *metric;               /* NULL: none */
    uint64_t total;                   /* 0: no end known */
    uint64_t finished, failed, other; /* trials that ended; other: stopped, cancelled, lost */
    uint64_t running, pending;
    uint64_t
        ended_before; /* of those that ended, the ones an earlier run had done: not in the ETA */
    bool has_best;
    double best;
    uint64_t best_trial; /* number */
    int64_t elapsed_ms;  /* since this run began, or this watching */
    int64_t age_ms;      /* of the sweep, which is shown in place of that; 0: that is shown */
    const char *waits;   /* what it waits for; NULL: nothing */
    const char *clock;   /* the time of day; NULL: no line has it */
    const double *best_trace;
    size_t best_trace_n;
    struct progress_row rows[PROGRESS_ROWS];
    size_t rows_n;
    bool has_running_best; /* the best objective of the trials that run */
    double running_best;
    uint64_t running_best_trial;
    const char *store_option;    /* " --store DIR" where a command needs it; NULL: none does */
    const struct cause *failure; /* of the trial that failed last; NULL: none has */
};

struct progress_view {
    FILE *out;
    bool terminal;
    bool colour, sparks;
    unsigned lines;   /* of the block that stands on the terminal now */
    int64_t drawn_ms; /* elapsed_ms at which it was drawn, or a line printed; -1: never */
    bool explained;   /* the legend was printed */
};

enum { PROGRESS_REDRAW_MS = 100, PROGRESS_LINE_MS = 60000 };

void progress_init(struct progress_view *v, FILE *out, bool terminal);
/* Whether progress_event() without a line would show something now. */
bool progress_is_due(const struct progress_view *v, int64_t elapsed_ms);
/* Something has changed, or time has passed. On a terminal the block is drawn again, at most every
 * PROGRESS_REDRAW_MS, and once, before the first, what its parts mean. Elsewhere `line`, which says
 * what happened (cli/progress/event_line.h), is printed with the counts after it; where it is NULL, a line on the running trials
 * if nothing was printed for PROGRESS_LINE_MS. */
void progress_event(struct progress_view *v, const struct progress *p, const char *line);
/* Prints a message of its own line above the block: a warning, say. */
void progress_message(struct progress_view *v, const struct progress *p, const char *text);
/* Draws the block a last time and leaves it there. */
void progress_done(struct progress_view *v, const struct progress *p);

/* Milliseconds that the rest will take at the pace so far; -1 where that cannot be told. */
int64_t progress_eta_ms(const struct progress *p);
/* The block, with sparklines where `sparks`: lines ended by newlines, none wider than the columns. Returns how many. */
unsigned progress_block(struct buf *out, const struct progress *p, size_t columns, bool colour,
                        bool sparks);
