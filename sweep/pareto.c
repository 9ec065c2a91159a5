/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/pareto.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"

bool pareto_dominates(const double *a, const double *b, size_t m, const bool *maximize)
{
    bool better = false;
    for (size_t j = 0; j < m; j++) {
        double by = maximize[j] ? a[j] - b[j] : b[j] - a[j];
        if (by < 0)
            return false;
        better = better || by > 0;
    }
    return better;
}

size_t pareto_front(const double *rows, size_t n, size_t m, const bool *maximize, size_t *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * m;
        bool beaten = false;
        for (size_t k = 0; k < count && !beaten; k++)
            beaten = pareto_dominates(rows + ret[k] * m, row, m, maximize);
        if (beaten)
            continue;
        size_t kept = 0;
        for (size_t k = 0; k < count; k++)
            if (!pareto_dominates(row, rows + ret[k] * m, m, maximize))
                ret[kept++] = ret[k];
        ret[kept++] = i;
        count = kept;
    }
    return count;
}

struct slice {
    double key;
    const double *row;
};

static int compare_slices(const void *a, const void *b)
{
    double x = ((const struct slice *)a)->key, y = ((const struct slice *)b)->key;
    return (x < y) - (x > y);
}

/* rows: gains over the reference, all above 0; the volume in their first m objectives. Begins with
 * the row that reaches farthest in the last of these: down to the next one, it alone counts. */
static double volume_of(const double *const *rows, size_t n, size_t m)
{
    double volume = 0;
    if (m == 1) {
        for (size_t i = 0; i < n; i++)
            volume = fmax(volume, rows[i][0]);
        return volume;
    }
    struct slice *slices = mem_alloc(n * sizeof *slices);
    const double **upper = mem_alloc(n * sizeof *upper);
    for (size_t i = 0; i < n; i++)
        slices[i] = (struct slice){rows[i][m - 1], rows[i]};
    qsort(slices, n, sizeof *slices, compare_slices);
    for (size_t i = 0; i < n; i++) {
        double thick = slices[i].key - (i + 1 < n ? slices[i + 1].key : 0);
        upper[i] = slices[i].row;
        if (thick > 0)
            volume += thick * volume_of(upper, i + 1, m - 1);
    }
    mem_free(upper);
    mem_free(slices);
    return volume;
}

double pareto_hypervolume(const double *rows, size_t n, size_t m, const bool *maximize,
                          const double *reference)
{
    PRE(m > 0 && m <= PARETO_OBJECTIVES_MAX);
    double *gains = mem_alloc((n * m + 1) * sizeof *gains);
    const double **kept = mem_alloc((n + 1) * sizeof *kept);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        double *gain = gains + count * m;
        bool counts = true;
        for (size_t j = 0; j < m; j++) {
            gain[j] = maximize[j] ? rows[i * m + j] - reference[j] : reference[j] - rows[i * m + j];
            counts = counts && gain[j] > 0;
        }
        if (counts)
            kept[count++] = gain;
    }
    double volume = count ? volume_of(kept, count, m) : 0;
    mem_free(kept);
    mem_free(gains);
    return volume;
}
