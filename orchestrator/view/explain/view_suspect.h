/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the trials of a sweep that failed like one of them, or ended with a metric that is not finite as one of
 * them did, have in common, by reading them all. */
#include "base/value.h"
#include "orchestrator/view/view.h"

/* trial: as view_trial() has it. NULL where it did neither, or nothing is clear (suspect.h). */
const char *view_suspect(struct view *v, struct arena *a, const struct value *trial);
