/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The screen of `besom watch` and `besom top` as a frame: one pane at a time, or on a wide terminal all
 * at once. Pure. */
#include "cli/screen/frame.h"
#include "cli/watch/watch_state.h"

/* The frame becomes as large as the terminal. */
void watch_draw(struct frame *f, const struct watch *w, const struct watch_data *d);
