/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The head of the screen: a sweep in three lines; all sweeps, slots and GPUs in one. Pure. */
#include "cli/watch/watch_canvas.h"

enum { WATCH_HEAD_LINES = 3 };

void watch_head_draw(struct watch_canvas *c);
/* The first line of a screen with a list of sweeps. */
void watch_head_fleet(struct watch_canvas *c);
/* Of the sweep that is shown, below its line in such a list. */
void watch_head_told(struct watch_canvas *c, size_t row);
