/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The table of trials. Pure. */
#include "cli/watch/watch_canvas.h"

/* The names of the columns, then the trials from the first that is shown. */
void watch_rows_draw(struct watch_canvas *c, const struct watch_box *b);
/* The same trials with their curves across the box. */
void watch_rows_curves(struct watch_canvas *c, const struct watch_box *b);
/* The last values of the metric that a trial reported: of the curves, in the order of steps. */
const struct value *watch_rows_curve(const struct watch_data *d, const struct value *trial);
