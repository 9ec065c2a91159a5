/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why things happened to a trial, in sentences: the one place of them, for `besom explain`, the page
 * of a trial and the log of decisions. */
#include "orchestrator/view/view.h"

/* "proposed", "by the model of tpe, from 11 results and 1 running trial" */
typedef void (*explain_fn)(void *arg, const char *label, const char *text);
/* Why it has its configuration, and who or what stopped it, a line each. trial: as view_trial() has it. */
void explain_trial(struct view *view, struct arena *a, const struct value *trial, explain_fn fn,
                   void *arg);
/* How the configuration was chosen, from the `why` of a fact `proposed`: a dict with "strategy". */
const char *explain_proposed(struct arena *a, const struct value *why);
/* What its model said, and the nearest trials: "; expected 0.2, …; nearest 8, 7"; or "". */
const char *explain_reasons(struct arena *a, const struct value *why);
/* Who or what stopped it, or cancelled it: a rule with its rung, somebody, a budget or a target; NULL of others. */
const char *explain_stopped(struct view *view, struct arena *a, const struct value *trial);
/* The error of the attempt that counts, of a trial that failed or was lost; NULL of others. */
const char *explain_failure(struct arena *a, const struct value *trial);
