/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A row of small bars, one for each value. Pure. */
#include "base/buf.h"

/* Columns for n values when there is room for `cells`: 0 for fewer than 2 values. */
size_t sparkline_cells(size_t n, size_t cells);
/* Appends that many bars, "▁" for the lowest of the values that are shown, "█" for the highest, in
 * ASCII "_" and "^". A value far outside the others is drawn as the lowest or the highest, and does
 * not flatten them. NaN is "×", in ASCII "x". Where there are more values than cells, each cell has
 * the last of its values. */
void sparkline_print(struct buf *out, const double *values, size_t n, size_t cells, bool ascii);
