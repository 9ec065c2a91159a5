/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bands of a sweep's early_terminate, what they have decided so far, and the values there. */
#include "language/spec.h"
#include "orchestrator/view/view.h"

/* [{"rung":iterations,"trials":that reached it,"stopped":there,"threshold":the worst value that
 * continued at the newest comparison, or null}, …], ascending; empty without early_terminate. spec: of the
 * sweep, or NULL. */
NODISCARD int view_rungs(struct view *v, struct arena *a, const char *sweep,
                         const struct spec *spec, struct value **ret, struct err *err);
/* The value of the sweep's metric of each trial that has reached the rung, in the order of their numbers. */
typedef void (*view_rung_fn)(void *arg, uint64_t trial, double value);
NODISCARD int view_rung_values(struct view *v, const char *sweep, uint64_t rung, view_rung_fn fn,
                               void *arg, struct err *err);
