/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Trials that run or finished although the last value of a metric is not finite, and since when it is not. */
#include "base/value.h"
#include "orchestrator/view/view.h"

/* "last loss is NaN", of a metric of a trial in this state; NULL: it has not diverged. */
const char *diverged_last(struct arena *a, const char *state, const char *metric, double last);
/* The first such metric of a trial as view_trial() has it, which lives as long as the trial; NULL: none. */
const char *diverged_metric(const struct value *trial);
/* "val_loss is NaN since step 3", by its points; NULL: none is, its points do not say it,
 * or they are too many to look at. */
const char *diverged_text(struct view *v, struct arena *a, const struct value *trial);
