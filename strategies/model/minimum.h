/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The minimum of a smooth function within bounds, near a starting point. */
#include <stddef.h>

/* The value at x, d coordinates; writes d derivatives. */
typedef double (*minimum_fn)(void *of, const double *x, double *gradient);

/* Improves x, d coordinates, low[i] <= x[i] <= high[i], with at most `calls` calls of f,
 * until a step gains less than `gain`. Returns the value at x, the least that was seen. */
double minimum_find(minimum_fn f, void *of, size_t d, const double *low, const double *high,
                    size_t calls, double gain, double *x);
