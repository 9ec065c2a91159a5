/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The chosen trial: how it ended and why, what differs from the best one, what may be done about it. Pure. */
#include "cli/watch/watch_canvas.h"

/* "trial 853 ✗" */
const char *watch_trial_title(struct watch_canvas *c);
void watch_trial_draw(struct watch_canvas *c, const struct watch_box *b);
