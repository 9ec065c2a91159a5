/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Converts a batch of lines from training to the text of one message: metrics lines unchanged, or
 * the metrics that patterns find in captured lines of output. The text always fits into a frame;
 * the next batch has the rest. Pure. */
#include "agent/metrics/metric_ways.h"
#include "agent/metrics/pattern.h"

/* What was left out of the text, and why. */
struct metric_drops {
    uint64_t bad_lines;  /* not text, or with control characters */
    uint64_t long_lines; /* that the shim kept out of the captured stdout */
    uint64_t bad_line;   /* the first of them: its number in the batch, from 1 */
    uint64_t long_line;  /* the first of them: its number on stdout; 0: not known */
    bool full;           /* the shim captures no more of stdout */
};

/* Appends to out, at most LIMIT_METRIC_BATCH_BYTES unless one line alone gives more; returns how
 * many bytes of text it has used. Lines that are not text, or have control characters, which JSON
 * does not allow, become empty lines and are counted in drops, which is added to. p NULL: the
 * lines are metrics lines. ways NULL: all metrics count. */
size_t metric_lines_take(const struct patterns *p, struct metric_ways *ways, const char *text,
                         size_t len, struct buf *out, struct metric_drops *drops);
