/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Finds the sweeps that a spec names in `prior`, and what of them fits its space. */
#include "language/spec.h"
#include "orchestrator/view/view.h"

/* *ret, in a: as strategy_set_prior() takes it; NULL if the spec has none. Prints on stderr how many
 * trials of each fit, and why the others do not. */
NODISCARD int prior_find(struct view *view, const struct spec *spec, struct arena *a,
                         struct value **ret, struct err *err);
