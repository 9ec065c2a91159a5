/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/sparkline.h"

#include <math.h>
#include <stdlib.h>

static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const ascii_bars[] = {"_", ".", "-", "=", "^"};
enum {
    BARS = sizeof bars / sizeof *bars,
    ASCII_BARS = sizeof ascii_bars / sizeof *ascii_bars,
    CELLS_MAX = 256,
    FENCED_MIN = 8 /* fewer values have no outliers */
};

size_t sparkline_cells(size_t n, size_t cells)
{
    cells = cells < CELLS_MAX ? cells : CELLS_MAX;
    return n < 2 ? 0 : n < cells ? n : cells;
}

static double value_of(const double *values, size_t n, size_t cells, size_t i)
{
    return values[(i + 1) * n / cells - 1];
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The range of the finite values, without those beyond Tukey's fences. Halves, as the range itself
 * may be too large for a double. */
static void range_find(const double *values, size_t n, size_t cells, double *low, double *high)
{
    double sorted[CELLS_MAX];
    size_t m = 0;
    for (size_t i = 0; i < cells; i++) {
        double f = value_of(values, n, cells, i);
        if (isfinite(f))
            sorted[m++] = f / 2;
    }
    qsort(sorted, m, sizeof *sorted, by_value);
    *low = m > 0 ? sorted[0] : 0;
    *high = m > 0 ? sorted[m - 1] : 0;
    if (m < FENCED_MIN)
        return;
    double first = sorted[m / 4], third = sorted[3 * m / 4], reach = 1.5 * (third - first);
    if (!(reach > 0)) /* half of them are one value */
        return;
    for (size_t i = 0; i < m && *low < first - reach; i++)
        *low = sorted[i];
    for (size_t i = m; i > 0 && *high > third + reach; i--)
        *high = sorted[i - 1];
}

void sparkline_print(struct buf *out, const double *values, size_t n, size_t cells, bool ascii)
{
    double low, high;
    long top = (ascii ? ASCII_BARS : BARS) - 1;
    cells = sparkline_cells(n, cells);
    range_find(values, n, cells, &low, &high);
    for (size_t i = 0; i < cells; i++) {
        double f = value_of(values, n, cells, i) / 2;
        double part = high > low ? (f - low) / (high - low) : f > high;
        long bar = part >= 1 ? top : part > 0 ? lround(part * (double)top) : 0;
        if (isnan(f))
            buf_adds(out, ascii ? "x" : "×");
        else
            buf_adds(out, ascii ? ascii_bars[bar] : bars[bar]);
    }
}
