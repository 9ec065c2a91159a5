/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bands of a sweep's early_terminate, and what they have decided so far. */
#include "language/spec.h"
#include "orchestrator/view/view.h"

/* [{"rung":iterations,"trials":that reached it,"stopped":there,"threshold":the worst value that
 * continued at the newest comparison, or null}, …], ascending; empty without early_terminate. spec: of the
 * sweep, or NULL. */
NODISCARD int view_rungs(struct view *v, struct arena *a, const char *sweep,
                         const struct spec *spec, struct value **ret, struct err *err);
