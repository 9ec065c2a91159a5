/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The screen of `besom watch` and `besom top` on a terminal: reads once a second at most, and draws what
 * changed. */
#include "cli/look/looking.h"

/* Whether stdin and stderr are a terminal that such a screen can be drawn on. */
bool watch_screen_is_possible(const struct looking *l);
/* Shows the sweep, or with NULL all of them, until the user quits. *ret_signal: the signal that ended
 * it; 0: none. */
NODISCARD int watch_screen_run(struct looking *l, const char *sweep, int *ret_signal,
                               struct err *err);
