/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The running trials of a sweep, as the books have them, as rows of cli/progress/progress.h. */
#include "cli/progress/progress_facts.h"
#include "orchestrator/core/books.h"

/* Fills rows with the running trials of the lowest numbers; their data lives in the arena. now_ms: by
 * the wall clock. *ret_ages: how long each that runs has run, in seconds. */
void running_find(struct arena *a, const struct book_sweep *s, int64_t now_ms, struct progress *p,
                  double **ret_ages, size_t *ret_ages_n);
/* A trial of the books, running or just ended. */
struct progress_row running_row(struct arena *a, const struct book_sweep *s,
                                const struct book_trial *t, int64_t now_ms);
