/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Runs that wandb's client names as known before a sweep (wandb sweep --prior_run), as its strategy
 * takes them. */
#include "language/spec.h"
#include "orchestrator/runs/runs_sweep.h"
#include "orchestrator/wandb/desk_call.h"

/* The names in {"$or":[{"name":"a"},…]}, as a list of texts in the arena. ERR_UNSUPPORTED for other filters. */
NODISCARD int wandb_prior_names(struct arena *a, const char *filters, const struct value **ret,
                                struct err *err);
/* What a spec says of such runs in its key `prior`. */
struct value *wandb_prior_sources(struct arena *a);
/* On the desk's thread: what of these runs fits the space of the spec, for the fact of the sweep; NULL:
 * nothing, or a strategy that does not learn. A text for each that does not is added to warnings. ERR_NOT_FOUND: a run is unknown. */
NODISCARD int wandb_prior_read(struct desk_call *c, struct arena *a, const struct value *names,
                               const struct runs_sweep *sweep, const struct spec *spec,
                               struct value *warnings, struct value **ret, struct err *err);
