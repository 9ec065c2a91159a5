/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/sparkline.h"

#include <math.h>

static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
enum { BARS = sizeof bars / sizeof *bars };

size_t sparkline_cells(size_t n, size_t cells)
{
    return n < 2 ? 0 : n < cells ? n : cells;
}

static double value_of(const double *values, size_t n, size_t cells, size_t i)
{
    return values[(i + 1) * n / cells - 1];
}

void sparkline_print(struct buf *out, const double *values, size_t n, size_t cells)
{
    double low = INFINITY, high = -INFINITY;
    cells = sparkline_cells(n, cells);
    for (size_t i = 0; i < cells; i++) {
        double f = value_of(values, n, cells, i);
        low = isfinite(f) && f < low ? f : low;
        high = isfinite(f) && f > high ? f : high;
    }
    for (size_t i = 0; i < cells; i++) {
        double f = value_of(values, n, cells, i);
        /* Halves first: the range itself may be too large for a double. */
        double part = high > low ? (f / 2 - low / 2) / (high / 2 - low / 2) : 0;
        if (isnan(f))
            buf_adds(out, "×");
        else
            buf_adds(out, bars[part >= 1 ? BARS - 1 : part > 0 ? lround(part * (BARS - 1)) : 0]);
    }
}
