/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads complete lines from a file that another process appends to: $BESOM_METRICS, and the lines
 * of stdout that the shim captures. Offsets count the bytes of a stream, which only grows: if the
 * file is truncated or replaced (`>` instead of `>>`), the stream continues with the present
 * content, and `base` is the offset at which this content begins. Only offset and base must be
 * kept: with them reading continues after a restart, even inside an overlong line. The other
 * fields may be zero; they help to notice a truncated file. Bytes are passed on unchanged. */
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "base/buf.h"
#include "base/err.h"

enum { SPOOL_MARK_BYTES = 256 };

struct spool {
    uint64_t offset; /* first byte not consumed yet */
    uint64_t base;   /* offset of the first byte of the file that is there now */
    uint64_t stop;   /* no byte from this offset on is read; 0: no bound */
    uint64_t line;   /* number in the file, from 1, of the line at offset; 0: not known */
    /* of the last read */
    bool more;           /* its buffer was full: read again */
    bool rewritten;      /* the file was truncated or replaced; base has moved */
    uint64_t first_line; /* number in the file of the first line that it gave; 0: not known */
    uint64_t long_lines; /* longer than LIMIT_METRIC_LINE_BYTES, newline aside */
    uint64_t long_line;  /* the number of the first of them; 0: not known */
    /* what the file looked like after it */
    char mark[SPOOL_MARK_BYTES]; /* the bytes before offset */
    size_t mark_len;
    struct timespec changed;
};

/* Forgets what the file looked like, to continue at an offset. */
void spool_seek(struct spool *s, uint64_t offset);
/* Appends complete lines, each with its newline, to out, at most LIMIT_METRIC_BATCH_BYTES a call,
 * and moves the offset behind them. An overlong line comes as an empty one, so that lines can be
 * counted. With `ended`, a last line without newline is taken too (a newline is added to it). out
 * must have room for LIMIT_METRIC_BATCH_BYTES more. A file not there yet is empty. */
NODISCARD int spool_read(struct spool *s, const char *path, bool ended, struct buf *out,
                         struct err *err);
