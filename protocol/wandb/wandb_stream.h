/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The body of a request to …/file_stream, by which wandb's client sends what a run logs, and its
 * rows as lines of a metrics file (docs/guide/metrics.md). */
#include "base/buf.h"
#include "base/value.h"

/* Lines of one file: a list of texts. NULL: none. */
struct wandb_stream_lines {
    const struct value *lines;
    uint64_t from; /* the number of the first of them, from 0 */
};

struct wandb_stream {
    const struct value *rows; /* of the history: texts, each a JSON object; NULL: none */
    uint64_t rows_from;       /* the number of the first of them, from 0 */
    const char *summary;      /* a JSON object as text; NULL: none */
    bool complete;            /* the run has ended */
    bool exited;              /* exit_code was sent */
    int64_t exit_code;
    bool preempting;                       /* its machine will be taken away */
    struct wandb_stream_lines events, log; /* samples of the machine; what the run printed */
    const struct value *uploaded;          /* texts: files that have arrived; NULL: none */
};

/* What it points to lives in the arena. ERR_SYNTAX: the body is malformed. */
NODISCARD int wandb_stream_parse(struct arena *a, const char *body, size_t len,
                                 struct wandb_stream *ret, struct err *err);

/* Reads a row of the history, or the summary, as a line of metrics: `_step` becomes the step and
 * `_timestamp` the time; other names with `_` in front, texts, lists and media are left out, and a metric
 * that is called `step` becomes `step_`. NULL where that leaves no metric. A text that is not a JSON
 * object, and metrics with a `_step` that is no step, are lost: {"_bad":"its first bytes"}, which counts
 * as a bad line where it is read. */
struct value *wandb_stream_line(struct arena *a, const char *text, size_t len);
struct value *wandb_stream_line_of(struct arena *a, const struct value *row); /* a dict */
