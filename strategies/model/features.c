/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strategies/model/features.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "strategies/model/lanes.h"

#define ABSENT (-1.0) /* the category of an absent parameter */

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
    size_t cap = n + n / 2 + 16;
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

LANES void features_distances(const struct features *f, size_t j, double x, double weight, size_t n,
                              double *ret)
{
    const double *first = column_of(f, j, 0), *second = column_of(f, j, 1);
    double own = feature_first(f->kinds[j], x), other = feature_second(x);
    switch ((enum feature_kind)f->kinds[j]) {
    case FEATURE_NUMBER:
        for (size_t i = 0; i < n; i++)
            ret[i] += weight * (own - first[i]) * (own - first[i]);
        return;
    case FEATURE_CATEGORY:
        for (size_t i = 0; i < n; i++)
            ret[i] += fabs(own - first[i]) > 1e-9 ? weight : 0;
        return;
    case FEATURE_ARC:
        for (size_t i = 0; i < n; i++)
            ret[i] += weight * ((own - first[i]) * (own - first[i]) +
                                (other - second[i]) * (other - second[i]));
    }
}

LANES double features_sum(const struct features *f, size_t j, double x, const double *weights,
                          size_t n)
{
    const double *first = column_of(f, j, 0), *second = column_of(f, j, 1);
    double own = feature_first(f->kinds[j], x), other = feature_second(x), sum = 0;
    switch ((enum feature_kind)f->kinds[j]) {
    case FEATURE_NUMBER:
        for (size_t i = 0; i < n; i++)
            sum += weights[i] * (own - first[i]) * (own - first[i]);
        break;
    case FEATURE_CATEGORY:
        for (size_t i = 0; i < n; i++)
            sum += fabs(own - first[i]) > 1e-9 ? weights[i] : 0;
        break;
    case FEATURE_ARC:
        for (size_t i = 0; i < n; i++)
            sum += weights[i] * ((own - first[i]) * (own - first[i]) +
                                 (other - second[i]) * (other - second[i]));
    }
    return sum;
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
