/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The lines of a run's streams: rows of its history and of its machine's samples, each a JSON object,
 * and what it printed. They are kept as they came, in chunks. A line that was never sent, between others
 * that were, is missing. */
#include "orchestrator/runs/runs_run.h"

/* Stores n lines from number `first` on, separated by LF; they replace lines with these numbers, so the
 * same lines may come again. *count: of the stream, raised to first + n if it was lower. */
NODISCARD int runs_lines_put(struct runs *r, int64_t run, enum runs_stream stream, int64_t first,
                             int64_t n, const char *text, size_t len, int64_t *count,
                             struct err *err);
/* Removes line number `from` and all later ones. */
NODISCARD int runs_lines_cut(struct runs *r, int64_t run, enum runs_stream stream, int64_t from,
                             struct err *err);

struct runs_lines_range {
    int64_t from, to; /* numbers of lines; to is not among them */
};

/* Calls fn with each stored line of the range, in order, until it returns false. text has no NUL at its
 * end, and is valid until fn returns. */
NODISCARD int runs_lines_read(struct runs *r, int64_t run, enum runs_stream stream,
                              const struct runs_lines_range *range,
                              bool (*fn)(void *arg, int64_t number, const char *text, size_t len),
                              void *arg, struct err *err);
/* The same of the rows of a history, except that chunks whose steps all lie outside of step_from (which
 * is in) to step_to (which is not) are passed over. */
NODISCARD int runs_lines_read_steps(struct runs *r, int64_t run, int64_t step_from, int64_t step_to,
                                    bool (*fn)(void *arg, int64_t number, const char *text,
                                               size_t len),
                                    void *arg, struct err *err);
