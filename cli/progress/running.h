/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The running trials of a sweep, as the books have them, as rows of cli/progress/progress.h. */
#include "cli/progress/progress.h"
#include "orchestrator/core/books.h"

/* Fills rows with the running trials of the lowest numbers, and running_best; their data lives in
 * the arena. now_ms: by the wall clock. */
void running_find(struct arena *a, const struct book_sweep *s, int64_t now_ms, struct progress *p);
