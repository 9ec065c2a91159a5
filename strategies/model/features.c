/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/features.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/lanes.h"

#define ABSENT (-1.0) /* the category of an absent parameter */
#define SAME 1e-18    /* the square of a difference of equal categories */
enum { CHUNK = 8 };   /* room for columns is a multiple of it */

typedef double features_four __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long features_mask __attribute__((vector_size(32)));

double features_difference(unsigned char kind, double x, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y) ? 0 : 1;
    return kind == FEATURE_CATEGORY ? fabs(x - y) > 1e-9 : fabs(x - y);
}

void features_init(struct features *f, size_t d, const unsigned char *kinds)
{
    *f = (struct features){.d = d, .kinds = kinds};
}

void features_done(struct features *f)
{
    mem_free(f->columns);
    *f = (struct features){0};
}

void features_clear(struct features *f)
{
    f->n = 0;
}

/* Each coordinate has room for two columns. */
static double *column_of(const struct features *f, size_t j, int which)
{
    return f->columns + (2 * j + (size_t)which) * f->cap;
}

static void make_room(struct features *f, size_t n)
{
    if (n <= f->cap)
        return;
    size_t cap = (n + n / 2 + CHUNK) / CHUNK * CHUNK;
    double *columns = mem_alloc(2 * f->d * cap * sizeof *columns);
    for (size_t k = 0; k < 2 * f->d && f->n > 0; k++)
        memcpy(columns + k * cap, f->columns + k * f->cap, f->n * sizeof *columns);
    mem_free(f->columns);
    f->columns = columns;
    f->cap = cap;
}

static double feature_first(unsigned char kind, double x)
{
    if (kind == FEATURE_ARC)
        return isnan(x) ? 0 : sin(x);
    return kind == FEATURE_CATEGORY && isnan(x) ? ABSENT : x;
}

static double feature_second(double x)
{
    return isnan(x) ? 0 : cos(x);
}

void features_add(struct features *f, const double *x, size_t n)
{
    make_room(f, f->n + n);
    for (size_t j = 0; j < f->d; j++)
        for (size_t i = 0; i < n; i++) {
            double value = x[i * f->d + j];
            column_of(f, j, 0)[f->n + i] = feature_first(f->kinds[j], value);
            if (f->kinds[j] == FEATURE_ARC)
                column_of(f, j, 1)[f->n + i] = feature_second(value);
        }
    f->n += n;
}

void features_of(const struct features *f, const double *x, double *ret)
{
    for (size_t j = 0; j < f->d; j++) {
        ret[2 * j] = feature_first(f->kinds[j], x[j]);
        ret[2 * j + 1] = f->kinds[j] == FEATURE_ARC ? feature_second(x[j]) : 0;
    }
}

void features_at(const struct features *f, size_t i, double *ret)
{
    for (size_t j = 0; j < f->d; j++) {
        ret[2 * j] = column_of(f, j, 0)[i];
        ret[2 * j + 1] = f->kinds[j] == FEATURE_ARC ? column_of(f, j, 1)[i] : 0;
    }
}

/* Sums over the coordinates stay in registers, for CHUNK points at a time. */
LANES void features_distances(const struct features *f, const double *own, const double *weights,
                              size_t n, double *ret)
{
    const features_four one = {1, 1, 1, 1};
    for (size_t at = 0; at < n; at += CHUNK) {
        features_four sum0 = {0}, sum1 = {0};
        for (size_t j = 0; j < f->d; j++) {
            const features_four *first = (const void *)(column_of(f, j, 0) + at);
            const features_four *second = (const void *)(column_of(f, j, 1) + at);
            features_four by0 = own[2 * j] - first[0], by1 = own[2 * j] - first[1];
            if (f->kinds[j] == FEATURE_CATEGORY) {
                features_mask weight = (features_mask)(weights[j] * one);
                sum0 += (features_four)(weight & (by0 * by0 > SAME));
                sum1 += (features_four)(weight & (by1 * by1 > SAME));
                continue;
            }
            sum0 += weights[j] * by0 * by0;
            sum1 += weights[j] * by1 * by1;
            if (f->kinds[j] == FEATURE_ARC) {
                by0 = own[2 * j + 1] - second[0];
                by1 = own[2 * j + 1] - second[1];
                sum0 += weights[j] * by0 * by0;
                sum1 += weights[j] * by1 * by1;
            }
        }
        if (n - at >= CHUNK) {
            *(features_four *)(void *)(ret + at) = sum0;
            *(features_four *)(void *)(ret + at + CHUNK / 2) = sum1;
        } else {
            features_four both[] = {sum0, sum1};
            memcpy(ret + at, both, (n - at) * sizeof *ret);
        }
    }
}

/* The sum over pairs: weights[…] and the squared differences of a column. */
LANES static double features_column_sum(const double *column, size_t n, const double *weights)
{
    features_four sums = {0};
    double sum = 0;
    for (size_t a = 1; a < n; weights += a++) {
        size_t b = 0;
        for (; b + 4 <= a; b += 4) {
            features_four by = column[a] - *(const features_four *)(const void *)(column + b);
            sums += *(const features_four *)(const void *)(weights + b) * by * by;
        }
        for (; b < a; b++)
            sum += weights[b] * (column[a] - column[b]) * (column[a] - column[b]);
    }
    return sum + sums[0] + sums[1] + sums[2] + sums[3];
}

static double category_sum(const double *column, size_t n, const double *weights)
{
    double sum = 0;
    for (size_t a = 1; a < n; weights += a++)
        for (size_t b = 0; b < a; b++)
            sum += fabs(column[a] - column[b]) > 1e-9 ? weights[b] : 0;
    return sum;
}

double features_sum(const struct features *f, size_t j, const double *weights)
{
    const double *first = column_of(f, j, 0), *second = column_of(f, j, 1);
    if (f->kinds[j] == FEATURE_CATEGORY)
        return category_sum(first, f->n, weights);
    double sum = features_column_sum(first, f->n, weights);
    return f->kinds[j] == FEATURE_ARC ? sum + features_column_sum(second, f->n, weights) : sum;
}

LANES double features_slope(const struct features *f, size_t j, double x, const double *weights,
                            size_t n)
{
    const double *first = column_of(f, j, 0), *second = column_of(f, j, 1);
    double sum = 0;
    if (f->kinds[j] == FEATURE_NUMBER) {
        for (size_t i = 0; i < n; i++)
            sum += weights[i] * 2 * (x - first[i]);
    } else if (f->kinds[j] == FEATURE_ARC && !isnan(x)) {
        /* (sin x - a)^2 + (cos x - b)^2 */
        double s = sin(x), c = cos(x);
        for (size_t i = 0; i < n; i++)
            sum += weights[i] * 2 * (s * second[i] - c * first[i]);
    }
    return sum;
}
