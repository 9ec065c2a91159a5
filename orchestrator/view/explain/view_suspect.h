/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the trials of a sweep that failed like one of them, or ended with a metric that is not finite as one of
 * them did, have in common. It counts the newest that ended, and no more than take some 30 ms: others wait for
 * the thread that reads. */
#include "base/value.h"
#include "orchestrator/view/view.h"

enum {
    VIEW_SUSPECT_TRIALS = 2000,
    VIEW_SUSPECT_BYTES =
        512 << 10, /* of their parameters and errors; the last trial may go beyond */
};

/* trial: as view_trial() has it. NULL where it did neither, or nothing is clear (suspect.h). */
const char *view_suspect(struct view *v, struct arena *a, const struct value *trial);
