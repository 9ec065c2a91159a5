/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Converts a log's bytes to output: unchanged; or for a terminal, each line cleaned and only the
 * last state of a progress bar; or one JSON object for each line. Pure. */
#include <stdint.h>
#include "base/buf.h"

enum log_lines_form { LOG_LINES_RAW, LOG_LINES_CLEAN, LOG_LINES_JSON };

struct log_lines {
    enum log_lines_form form;
    uint32_t attempt;
    struct buf partial; /* a line that has not ended */
};

enum { LOG_LINES_MAX = 1 << 20 }; /* a longer line is printed in pieces */

void log_lines_init(struct log_lines *l, enum log_lines_form form, uint32_t attempt);
void log_lines_done(struct log_lines *l);
void log_lines_add(struct log_lines *l, struct buf *out, const char *bytes, size_t len);
/* The end of the log: prints a line that has not ended, too. */
void log_lines_end(struct log_lines *l, struct buf *out);
