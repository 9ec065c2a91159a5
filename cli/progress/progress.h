/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Draws a running sweep: on a terminal as one block that is drawn over itself, elsewhere as a line
 * for each change. struct progress has what happened, and when. */
#include <stdio.h>
#include "cli/progress/progress_facts.h"
#include "cli/screen/frame.h"

struct progress_view {
    FILE *out;
    bool terminal, json; /* json: each line is an object */
    bool colour, ascii;
    int64_t redraw_ms;
    struct frame shown, next; /* shown: what stands on the terminal, its cursor below it */
    bool stands;              /* `shown` does */
    size_t rows;              /* as in progress_block_look */
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
