/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A row of values as one of bars, "▇▅▄▃▂▁": lower is lower, the range is that of what is shown. */
#include "base/buf.h"

/* The last value of each of at most `cells` equal parts; "×" for NaN. Nothing for fewer than two. */
void sparkline_print(struct buf *out, const double *values, size_t n, size_t cells);
/* How many cells that takes. */
size_t sparkline_cells(size_t n, size_t cells);
