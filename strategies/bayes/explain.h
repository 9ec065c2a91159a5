/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why a model proposed a point, as the value that is recorded with the proposal. */
#include "strategies/bayes/climb.h"
#include "strategies/bayes/surrogate.h"

/* A number with the four digits that a model may know. */
struct value *explain_number(struct arena *a, double x);
/* The trials nearest to x of n results, `among`; lengths: d, by which differences are divided, or NULL:
 * 1. */
struct value *explain_nearest(struct arena *a, const struct terrain *t, const struct results *r,
                              const size_t *among, size_t n, const double *lengths,
                              const double *x);
/* Adds "resource":{"full":52,"partial":9,"running":3} if results of a part of the training count: the
 * iterations of a complete trial, how many results are of fewer, and how many of running trials. */
void explain_resource(struct arena *a, struct value *why, const struct results *r);
/* What the model predicts, in units of the metric, and by what it chose. */
struct value *explain_model(struct arena *a, const struct terrain *t, const struct surrogate *s,
                            const struct results *r, bool maximize, const struct climb_point *p);
