/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Faults in a script's reports: lines that are not metrics or have one twice, and a metric of the sweep
 * that is never reported. Each kind is told once. */
#include "orchestrator/core/books.h"

enum report_loss {
    REPORT_LOSS_BAD,
    REPORT_LOSS_TWICE,
    REPORT_LOSS_LONG,
    REPORT_LOSS_NAMES,
    REPORT_LOSS_KINDS
};

struct report_faults {
    bool told[REPORT_LOSS_KINDS];
    bool told_no_metric;
    bool no_report; /* the trial without the metric reported nothing, and no output is read */
    uint64_t no_report_trial;
};

/* Adds to text one fault of this fact that was not told yet, safe for a terminal. False: there is none (left).
 * The books have folded the fact already. */
bool report_faults_next(struct report_faults *r, const struct book_sweep *s, const struct fact *f,
                        struct buf *text);
