/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How a running sweep looks: on a terminal one block that is drawn over itself, elsewhere a line a
 * change. Formatting alone: what happened and how late it is stand in struct progress. */
#include <stdint.h>
#include <stdio.h>
#include "base/buf.h"

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
    int64_t elapsed_ms;  /* since this run began */
};

struct progress_view {
    FILE *out;
    bool terminal;
    bool colour;
    unsigned lines;   /* of the block that stands on the terminal now */
    int64_t drawn_ms; /* elapsed_ms at which it was drawn; -1: never */
};

enum { PROGRESS_REDRAW_MS = 100 };

void progress_init(struct progress_view *v, FILE *out, bool terminal);
/* Something has changed, or time has passed. On a terminal the block is drawn again, at most every
 * PROGRESS_REDRAW_MS; elsewhere `line`, which says what happened, is printed with the counts behind
 * it; nothing where it is NULL. */
void progress_event(struct progress_view *v, const struct progress *p, const char *line);
/* Prints a message of its own line above the block: a warning, say. */
void progress_message(struct progress_view *v, const struct progress *p, const char *text);
/* Draws the block a last time and leaves it there. */
void progress_done(struct progress_view *v, const struct progress *p);

/* Milliseconds that the rest will take at the pace so far; -1 where that cannot be told. */
int64_t progress_eta_ms(const struct progress *p);
/* The block: lines ended by newlines, none wider than the columns. Returns how many. */
unsigned progress_block(struct buf *out, const struct progress *p, size_t columns, bool colour);
