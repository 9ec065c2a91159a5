/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lost metrics of a trial or a sweep, in words: the counts bad_lines, long_lines,
 * dropped_values, stdout_dropped and rewrites of a view. */
#include "base/buf.h"
#include "base/value.h"

/* "2 bad lines, 1 line over 64 KiB"; appends nothing if nothing was lost. */
void losses_print(struct buf *out, const struct value *of);
