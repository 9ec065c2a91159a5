/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Why bayes proposed a point, as the value that is recorded with the proposal. */
#include "strategies/bayes/climb.h"
#include "strategies/bayes/surrogate.h"

/* phase: "design" (spread over the space), "random"; reason: why not the model. */
struct value *explain_design(struct arena *a, const char *phase, const char *reason);
/* What the model predicts, in units of the metric, and by what it chose. */
struct value *explain_model(struct arena *a, const struct terrain *t, const struct surrogate *s,
                            const struct results *r, bool maximize, const struct climb_point *p);
