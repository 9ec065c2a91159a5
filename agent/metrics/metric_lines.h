/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A batch of lines that training wrote, made into the text of one message: metrics lines as they
 * are, or what the patterns find in captured lines of output. The text fits a frame whatever the lines hold;
 * what does not fit is left for the next batch. Pure. */
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
 * many bytes of text it has dealt with. Lines that are not text, or hold control characters, which
 * JSON has no place for, become empty ones and are counted in drops, which is added to. p NULL: the
 * lines are metrics lines. */
size_t metric_lines_take(const struct patterns *p, const char *text, size_t len, struct buf *out,
                         struct metric_drops *drops);
