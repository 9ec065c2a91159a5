/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lines about sweeps: the three of the one that is shown, and one each of all. Pure. */
#include "cli/watch/watch_canvas.h"

enum { WATCH_HEAD_LINES = 3 };

void watch_head_draw(struct watch_canvas *c);
/* The line on slots, GPUs and the connection, where all sweeps are shown. */
void watch_head_fleet(struct watch_canvas *c, size_t row);
/* The newest first; the chosen one is marked. */
void watch_head_sweeps(struct watch_canvas *c, const struct watch_box *b);
