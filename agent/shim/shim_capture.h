/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lines of stdout kept apart for metrics: all of them, or those that begin with '{'. Only complete
 * lines are written, each at most LIMIT_METRIC_LINE_BYTES long, all together at most
 * LIMIT_LOG_BYTES. A line of our own stands in for each that is too long, and for all that come too
 * late (agent/shim/shim_record.h); the bytes that are left out are counted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "agent/shim/shim_log.h"
#include "base/limits.h"

enum shim_capture_mode { SHIM_CAPTURE_NONE, SHIM_CAPTURE_ALL, SHIM_CAPTURE_JSON };

struct shim_capture {
    enum shim_capture_mode mode;
    int fd;
    bool skipping; /* to the end of a line that is not wanted */
    bool full;
    uint64_t line;    /* lines of stdout that have ended */
    uint64_t dropped; /* bytes of lines past LIMIT_LOG_BYTES */
    uint64_t lost;    /* bytes of lines that the disk did not take */
    size_t done; /* bytes of complete lines in text; behind them the line that is being gathered */
    size_t len;
    uint64_t written;
    char text[2 * (LIMIT_METRIC_LINE_BYTES + 1)];
};

/* False where the file in dir cannot be made. */
bool shim_capture_init(struct shim_capture *c, enum shim_capture_mode mode, const char *dir);
void shim_capture_take(struct shim_capture *c, const char *bytes, size_t len);
/* At the end of stdout: a last line without newline counts. */
void shim_capture_finish(struct shim_capture *c);
