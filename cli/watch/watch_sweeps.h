/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lists of sweeps, a line each. Pure. */
#include "cli/watch/watch_canvas.h"

/* All of them, the newest first; the chosen one is marked. */
void watch_sweeps_all(struct watch_canvas *c, const struct watch_box *b);
/* The one that is shown, what is told of it, and the others: as many lines as watch_state_head() says, less one. */
void watch_sweeps_head(struct watch_canvas *c, size_t row);
