/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The rule by which a sweep stops poor trials (early_terminate), with its state: a fold of
 * reports, which is the same whether it gets the reports one by one or the rungs from the store.
 * Asked after each report. Pure; knows nothing of attempts, time or files. */
#include "strategies/stopper_type.h"
#include "sweep/objective.h"

struct stopper;

/* NULL where the spec stops nothing early. spec must outlive it. */
struct stopper *stopper_new(const struct spec *spec);
/* The spec was edited, except the rule and the metric. */
void stopper_rebase(struct stopper *s, const struct spec *spec);
void stopper_free(struct stopper *s); /* takes NULL */
/* A trial's iteration (sweep/objective.h): the iteration-th finite value of the metric, and the best
 * of its iterations with it. */
void stopper_report(struct stopper *s, uint64_t trial, uint64_t iteration, double value,
                    double best);
/* Whether to stop the trial now; may also be called after a report without a value. best: the best of
 * its iterations so far (struct objective). ret->of is 0 if there is nothing to compare it with. */
bool stopper_judge(const struct stopper *s, uint64_t trial, double best, struct stopper_why *ret);
/* Whether to stop the trial, which has reported the metric, because it stays NaN or infinite:
 * objective_is_lost(). */
bool stopper_lost(const struct stopper *s, const struct objective *o, double last, int64_t step,
                  uint64_t reports, struct stopper_why *ret);
/* The trial has ended: it is no longer judged, but others are still compared with it. */
void stopper_forget(struct stopper *s, uint64_t trial);
/* Judges a trial again that was forgotten. values: its values at the rungs that it has reached,
 * which still count. */
void stopper_recall(struct stopper *s, uint64_t trial, const double *values, size_t n);
size_t stopper_rungs(const struct stopper *s, uint64_t trial); /* how many it has reached */
/* The rungs that a trial has reached, i from 0, good until its next report; NULL past the last.
 * Their values reported again, each trial's in this order, give a stopper that judges the same: all
 * but how trials stood when they came there. */
const struct rungs_mark *stopper_rung(const struct stopper *s, uint64_t trial, size_t i,
                                      uint64_t *ret_iteration);
/* {"stopper":"asha","rung":4,"value":0.5,"threshold":0.3,"rank":3,"of":4}; where the metric stays NaN
 * or infinite {"stopper":"asha","rung":null,"value":"NaN","threshold":null,"rank":null,"of":null,
 * "last_step":39}: the step of the last finite value, null where there was none. */
struct value *stopper_why_value(struct arena *a, const struct stopper_why *why);
