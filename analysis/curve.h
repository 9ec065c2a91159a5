/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The points of a metric of one trial as a line to be drawn: attempts joined, smoothed, and thinned
 * so that nothing which a chart could show is lost. Knows no clock, no store and no JSON. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curve_sample {
    int64_t step, time_ms;
    double x, y;
    uint32_t attempt;
    bool has_x, has_y; /* values that the lines of this step had */
};

struct curve {
    struct curve_sample *items; /* after curve_end(): ascending in x */
    size_t n, cap;
    size_t own;   /* where the samples of the last attempt begin */
    bool needs_x; /* x is a metric: a step without it is left out */
    bool mixed;   /* steps of the last attempt do not ascend */
};

/* What is drawn: samples with x from `from` to `to`, NaN: from the first, to the last. */
struct curve_range {
    double from, to;
    bool log;      /* columns have equal width in the logarithm; x <= 0 is left out */
    size_t points; /* at most, except the neighbours at both sides */
};

enum { CURVE_COLUMN_POINTS = 5, CURVE_QUANTILES = 5 };

/* The 10th, 25th, 50th, 75th and 90th percentile. */
extern const double curve_quantiles[CURVE_QUANTILES];

void curve_done(struct curve *c);
/* Attempts come in ascending order. Samples of one step are merged: the last value counts. */
void curve_add(struct curve *c, const struct curve_sample *sample);
/* A later attempt replaces the steps of earlier ones from its first step on. Samples without what
 * is drawn are gone. x is the step, or the metric, and may be changed before curve_order(). */
void curve_end(struct curve *c);
/* Sorts by x, where another x than the step made that necessary; leaves out those without an x. */
void curve_order(struct curve *c);
/* An exponential moving average of all samples, into ys[c->n]: debiased, and weighted by the
 * distance in x: after the mean distance of two samples, a value counts `weight` (0 to 1) times as
 * much. A value that is not finite stays as it is and counts for nothing. */
void curve_smooth(const struct curve *c, double weight, double *ys);
/* The indexes of the samples to draw, ascending, into ret[points + 2]; returns how many. With more
 * samples than that in the range, it is cut into points/5 columns, and of each stay the first, the
 * last, the least, the greatest, and the first that is not finite. ys: values in place of the
 * samples' own, or NULL. *ret_of: how many samples the range has. */
size_t curve_thin(const struct curve *c, const double *ys, const struct curve_range *r, size_t *ret,
                  size_t *ret_of);
/* The value at each of n columns of the range, whose bounds are finite: the last finite one up to
 * there, and NaN before the curve begins and after it has ended. */
void curve_columns(const struct curve *c, const struct curve_range *r, size_t n, double *ret);
/* Where column i of n is: the first at the range's beginning, the last at its end. */
double curve_column_x(const struct curve_range *r, size_t i, size_t n);
/* Quantiles of the n values that are finite, which it sorts; returns how many these are. */
size_t curve_spread(double *values, size_t n, double ret[CURVE_QUANTILES]);
