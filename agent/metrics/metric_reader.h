/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Reads the metrics of one attempt from its directory: the metrics file and the captured lines of
 * output, batch by batch. Remembers what a file looked like, to notice that it was truncated or
 * replaced; state that must outlive the agent is in the attempt's directory. Knows no message and
 * no loop. */
#include "agent/metrics/metric_lines.h"
#include "agent/metrics/spool.h"

struct metric_reader;

struct metric_batch {
    uint64_t from, to;         /* bytes of the stream that it stands for */
    uint64_t line;             /* number in the file of the first line of the text; 0: not known */
    bool more;                 /* read again */
    bool rewritten;            /* the file was found cut or replaced */
    uint64_t rewrites;         /* how often, in all */
    struct metric_drops drops; /* lines that are not in the text */
};

/* patterns: for the captured lines; takes ownership. NULL: nothing is captured. */
struct metric_reader *metric_reader_new(struct patterns *patterns);
void metric_reader_free(struct metric_reader *r); /* takes NULL */
const char *metric_reader_file(uint32_t stream);  /* its name in the attempt's directory */
/* The offset in the stream of the first byte of its file. */
uint64_t metric_reader_base(const char *dir, uint32_t stream);
uint64_t metric_reader_offset(const struct metric_reader *r, uint32_t stream); /* read so far */
/* Appends the text of the next batch from offset `from` of the stream on. `last`: training has
 * ended. dir is the attempt's directory. Where it fails, the batch is empty. */
NODISCARD int metric_reader_read(struct metric_reader *r, const char *dir, uint32_t stream,
                                 uint64_t from, bool last, struct buf *out,
                                 struct metric_batch *ret, struct err *err);
