/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The axis of a plot: where a value is drawn, which ticks it has, and a range that a few outliers
 * do not spoil. Pure. */
#include <stdbool.h>
#include <stddef.h>

struct scale {
    bool log;         /* then low > 0 */
    bool whole;       /* ticks at integers only */
    double low, high; /* low < high, both finite */
    double from, to;  /* where these two are drawn */
};

enum { SCALE_TICKS = 24, SCALE_LABEL_BYTES = 32 };

struct scale_tick {
    double x;
    char label[SCALE_LABEL_BYTES];
};

/* Where x is drawn, also if it is outside [low, high]; on a logarithmic scale x must be > 0. */
double scale_at(const struct scale *s, double x);
/* At most `most` round values (at most SCALE_TICKS) between low and high. A logarithmic scale has
 * powers of ten where it spans at least two. */
size_t scale_ticks(const struct scale *s, size_t most, struct scale_tick *ret);
/* Extends a range without width, and one whose width is too large for a double, so that it can be a
 * scale. */
void scale_open(struct scale *s);

/* The range of values to show. Sorts values[0..n). Values beyond Tukey's fences (1.5 interquartile
 * ranges beyond the quartiles) are outside, except towards the better end; the rest is widened by
 * 5 %. Chooses a logarithmic scale if all are positive and they span a factor of 100. Sets from and
 * to to 0 and 1. */
void scale_fit(struct scale *s, double *values, size_t n, bool larger_is_better);
