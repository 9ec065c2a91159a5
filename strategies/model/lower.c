/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/lower.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/lanes.h"

/* All work is done in packed panels of eight columns, so the inner loops run over adjacent numbers
 * and keep their sums in registers. */
enum { PANEL = 8, ROWS = 4 };

typedef double lower_four __attribute__((vector_size(32), aligned(8), may_alias));

/* c[r][q] -= sum over k < n of a[r][k] b[k][q], four rows of a, a panel b. */
LANES static void lower_subtract(const double *a, size_t stride, const double *b, size_t n,
                                 double *c)
{
    lower_four sum[ROWS][2] = {{{0}}};
    const lower_four *row = (const lower_four *)(const void *)b;
    for (size_t k = 0; k < n; k++, row += 2)
        for (size_t r = 0; r < ROWS; r++) {
            sum[r][0] += a[r * stride + k] * row[0];
            sum[r][1] += a[r * stride + k] * row[1];
        }
    lower_four *out = (lower_four *)(void *)c;
    for (size_t r = 0; r < ROWS; r++, out += 2) {
        out[0] -= sum[r][0];
        out[1] -= sum[r][1];
    }
}

/* One row: c[q] = (c[q] - sum over k < n of a[k] b[k][q]) / by. */
LANES static void lower_row(const double *a, const double *b, size_t n, double by, double *c)
{
    lower_four sum[2] = {{0}};
    const lower_four *row = (const lower_four *)(const void *)b;
    lower_four *out = (lower_four *)(void *)c;
    for (size_t k = 0; k < n; k++, row += 2) {
        sum[0] += a[k] * row[0];
        sum[1] += a[k] * row[1];
    }
    out[0] = (out[0] - sum[0]) / by;
    out[1] = (out[1] - sum[1]) / by;
}

/* Turns the panel of n rows into L^-1 panel; the rows before `first` are zero and stay zero. */
static void lower_panel(const double *l, size_t n, size_t stride, size_t first, double *panel)
{
    size_t i = first;
    for (; i + ROWS <= n; i += ROWS) {
        lower_subtract(l + i * stride + first, stride, panel + first * PANEL, i - first,
                       panel + i * PANEL);
        for (size_t r = 0; r < ROWS; r++)
            lower_row(l + (i + r) * stride + i, panel + i * PANEL, r, l[(i + r) * stride + i + r],
                      panel + (i + r) * PANEL);
    }
    for (; i < n; i++)
        lower_row(l + i * stride + first, panel + first * PANEL, i - first, l[i * stride + i],
                  panel + i * PANEL);
}

/* Factors the diagonal block of `rows` rows; the part of the columns before it has been subtracted
 * already. */
static bool lower_corner(double *a, size_t at, size_t rows, size_t stride)
{
    for (size_t i = at; i < at + rows; i++) {
        double *row = a + i * stride;
        for (size_t j = at; j <= i; j++) {
            const double *other = a + j * stride;
            double sum = row[j];
            for (size_t k = at; k < j; k++)
                sum -= row[k] * other[k];
            if (j < i)
                row[j] = sum / other[j];
            else if (!(sum > 0) || !isfinite(sum))
                return false;
            else
                row[j] = sqrt(sum);
        }
    }
    return true;
}

/* corner[i][j] -= sum over k < n of panel[k][i] panel[k][j] */
LANES static void lower_take_products(const double *panel, size_t n, double corner[PANEL][PANEL])
{
    for (size_t i = 0; i < PANEL; i++) {
        double sum[PANEL] = {0};
        for (size_t k = 0; k < n; k++)
            for (size_t q = 0; q < PANEL; q++)
                sum[q] += panel[k * PANEL + i] * panel[k * PANEL + q];
        for (size_t q = 0; q < PANEL; q++)
            corner[i][q] -= sum[q];
    }
}

bool lower_factor(double *a, size_t n, size_t stride)
{
    double *panel = mem_resize(NULL, (n + 1) * PANEL * sizeof *panel);
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += PANEL) {
        size_t rows = n - at < PANEL ? n - at : PANEL;
        double corner[PANEL][PANEL] = {{0}};
        if (rows < PANEL)
            memset(panel, 0, at * PANEL * sizeof *panel);
        for (size_t r = 0; r < rows; r++)
            for (size_t k = 0; k < at; k++)
                panel[k * PANEL + r] = a[(at + r) * stride + k];
        lower_panel(a, at, stride, 0, panel);
        for (size_t r = 0; r < rows; r++)
            for (size_t k = 0; k < at; k++)
                a[(at + r) * stride + k] = panel[k * PANEL + r];
        lower_take_products(panel, at, corner);
        for (size_t r = 0; r < rows; r++)
            for (size_t q = 0; q <= r; q++)
                a[(at + r) * stride + at + q] += corner[r][q];
        ok = lower_corner(a, at, rows, stride);
    }
    mem_free(panel);
    return ok;
}

void lower_solve(const double *l, size_t n, size_t stride, double *b, size_t m)
{
    double *panel = mem_alloc((n + 1) * PANEL * sizeof *panel);
    for (size_t at = 0; at < m; at += PANEL) {
        size_t width = m - at < PANEL ? m - at : PANEL;
        for (size_t k = 0; k < n; k++)
            memcpy(panel + k * PANEL, b + k * m + at, width * sizeof *b);
        lower_panel(l, n, stride, 0, panel);
        for (size_t k = 0; k < n; k++)
            memcpy(b + k * m + at, panel + k * PANEL, width * sizeof *b);
    }
    mem_free(panel);
}

LANES static double lower_dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

LANES static void lower_take_row(const double *a, double by, size_t n, double *v)
{
    for (size_t k = 0; k < n; k++)
        v[k] -= by * a[k];
}

void lower_solve_vector(const double *l, size_t n, size_t stride, double *v)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (v[i] - lower_dot(l + i * stride, v, i)) / l[i * stride + i];
}

void lower_solve_transposed(const double *l, size_t n, size_t stride, double *v)
{
    for (size_t i = n; i-- > 0;) {
        v[i] /= l[i * stride + i];
        lower_take_row(l + i * stride, v[i], i, v);
    }
}

/* ret[r][q] = sum over k < n of x[k][r] y[k][q], for four columns of a panel x and a panel y. */
LANES static void lower_gram(const double *x, const double *y, size_t n, double ret[ROWS][PANEL])
{
    lower_four sum[ROWS][2] = {{{0}}};
    const lower_four *eight = (const lower_four *)(const void *)y;
    for (size_t k = 0; k < n; k++, eight += 2)
        for (size_t r = 0; r < ROWS; r++) {
            sum[r][0] += x[k * PANEL + r] * eight[0];
            sum[r][1] += x[k * PANEL + r] * eight[1];
        }
    memcpy(ret, sum, sizeof sum);
}

/* room: L^-1 in panels of eight columns, each of n rows, of which those above the diagonal's block are
 * not used. */
void lower_invert(double *l, size_t n, size_t stride, double *room)
{
    double block[ROWS][PANEL];
    for (size_t at = 0; at < n; at += PANEL) {
        double *panel = room + at * n;
        memset(panel + at * PANEL, 0, (n - at) * PANEL * sizeof *panel);
        for (size_t q = 0; q < PANEL && at + q < n; q++)
            panel[(at + q) * PANEL + q] = 1;
        lower_panel(l, n, stride, at, panel);
    }
    for (size_t i = 0; i < n; i += ROWS)
        for (size_t j = 0; j <= i; j += PANEL) {
            size_t rows = n - i < ROWS ? n - i : ROWS, columns = n - j < PANEL ? n - j : PANEL;
            lower_gram(room + i / PANEL * PANEL * n + i * PANEL + i % PANEL,
                       room + j * n + i * PANEL, n - i, block);
            for (size_t r = 0; r < rows; r++)
                memcpy(l + (i + r) * stride + j, block[r], columns * sizeof *l);
            for (size_t q = 0; q < columns; q++)
                for (size_t r = 0; r < rows; r++)
                    l[(j + q) * stride + i + r] = block[r][q];
        }
}
