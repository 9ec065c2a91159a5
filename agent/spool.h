/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Complete lines out of a file that somebody else appends to: $BESOM_METRICS, and the lines of
 * stdout that the shim captures. The offset is all the state there is: kept elsewhere, durable, it
 * goes on after a restart, in the middle of an overlong line too. Bytes come as they are; what they
 * mean, and whether they are text, the consumer judges. */
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct spool {
    uint64_t offset;     /* first byte not consumed yet */
    uint64_t long_lines; /* skipped for being longer than LIMIT_METRIC_LINE_BYTES, newline aside */
    bool more;           /* the last read stopped for room: read again */
    bool shrunk;         /* the file is shorter than offset: somebody wrote with > in place of >> */
};

/* Appends complete lines, each with its newline, to out, at most LIMIT_METRIC_BATCH_BYTES a call,
 * and moves the offset behind them. With `ended`, a last line without newline is taken too (a
 * newline is added to it). out must have room for LIMIT_METRIC_BATCH_BYTES more. A file not there
 * yet is empty. */
NODISCARD int spool_read(struct spool *s, const char *path, bool ended, struct buf *out,
                         struct err *err);
