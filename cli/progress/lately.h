/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The trials that have ended lately, as rows of cli/progress/progress.h, how long they ran, and the one that is
 * the best. */
#include "cli/progress/progress_facts.h"
#include "orchestrator/core/books.h"

enum { LATELY_ROWS = 8, LATELY_TIMES = 4096 };

struct lately_row {
    struct arena a;
    struct progress_row row;
};

struct lately {
    struct lately_row ended[LATELY_ROWS]; /* the newest is ended[(ended_n - 1) % LATELY_ROWS] */
    size_t ended_n;
    double *times; /* in seconds: the newest is times[(times_n - 1) % LATELY_TIMES] */
    size_t times_n, times_cap;
    struct arena best_arena;
    struct progress_row best;
    int64_t best_ms; /* when it was found; 0: not while this looked */
};

void lately_init(struct lately *l);
void lately_done(struct lately *l);
/* An attempt has ended, and the books have folded it; an attempt that will be followed by another is passed
 * over. now_ms: by the wall clock. */
void lately_add(struct lately *l, const struct book_sweep *s, const struct fact *f, int64_t now_ms);
/* Fills the rows that running trials leave free with the newest trials that ended. */
void lately_rows(const struct lately *l, struct progress *to);
/* The times, ascending, in the arena. */
const double *lately_times(const struct lately *l, struct arena *a, size_t *ret_n);
