/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lines of stdout kept apart for metrics: all of them, or those that begin with '{'. Only complete
 * lines are written, each at most LIMIT_METRIC_LINE_BYTES long, all together at most
 * LIMIT_LOG_BYTES; what is left out is said once in the log. */
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
    bool said_long, full;
    size_t done; /* bytes of complete lines in text; behind them the line that is being gathered */
    size_t len;
    uint64_t written;
    char text[2 * (LIMIT_METRIC_LINE_BYTES + 1)];
};

/* False where the file in dir cannot be made. */
bool shim_capture_init(struct shim_capture *c, enum shim_capture_mode mode, const char *dir);
void shim_capture_take(struct shim_capture *c, const char *bytes, size_t len, struct shim_log *log);
/* At the end of stdout: a last line without newline counts. */
void shim_capture_finish(struct shim_capture *c, struct shim_log *log);
