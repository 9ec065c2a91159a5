/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A batch of lines that training wrote, made into the text of one message: metrics lines as they
 * are, or what the patterns find in lines of output. The text fits a frame whatever the lines hold;
 * what does not fit is left for the next batch. Pure. */
#include "agent/pattern.h"

/* Appends to out, at most LIMIT_METRIC_BATCH_BYTES unless one line alone gives more; returns how
 * many bytes of text it has dealt with. Lines that are no text, or hold control characters, which
 * JSON has no place for, are left out, like any bad line. p NULL: the lines are metrics lines. */
size_t metric_lines_take(const struct patterns *p, const char *text, size_t len, struct buf *out);
