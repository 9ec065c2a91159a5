/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `besom run` says when the sweep has paused itself. */
#include "orchestrator/core/books.h"

struct run_pause_failure {
    uint64_t trial;
    uint32_t attempt; /* from 1 */
    char why[256];    /* what besom itself knows of it; "": nothing */
};

struct run_pause {
    const char *store, *again;              /* again: what to type after "besom run" */
    const struct run_pause_failure *failed; /* the newest; NULL: none */
    bool no_report;                         /* the trial without the metric reported nothing */
    uint64_t no_report_trial;
    bool log; /* with the last lines of the trial that failed */
};

/* Prints to stderr why it paused, what failed last, and how to continue. */
void run_pause_print(const struct run_pause *pause, const struct book_sweep *s);
