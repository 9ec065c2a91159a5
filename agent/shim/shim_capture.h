/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Lines of stdout and stderr kept apart for metrics, of each all of them or those that begin with
 * '{'. Only complete lines are written, each at most LIMIT_METRIC_LINE_BYTES long, all together at
 * most LIMIT_LOG_BYTES. A line of our own stands in for each that is too long, and for all that come
 * too late (agent/shim/shim_record.h); the bytes that are left out are counted. */
#include "agent/shim/shim_line.h"

enum { SHIM_CAPTURE_OUT, SHIM_CAPTURE_ERR, SHIM_CAPTURE_STREAMS };

struct shim_capture {
    struct shim_line lines[SHIM_CAPTURE_STREAMS];
    int fd; /* -1: nothing is captured */
    bool full;
    uint64_t dropped; /* bytes of lines past LIMIT_LOG_BYTES */
    uint64_t lost;    /* bytes of lines that the disk did not take */
    uint64_t written;
    size_t len; /* of text: complete lines */
    char text[2 * (LIMIT_METRIC_LINE_BYTES + 1)];
};

/* False where the file in dir cannot be made. */
bool shim_capture_init(struct shim_capture *c, const enum shim_line_mode modes[], const char *dir);
void shim_capture_take(struct shim_capture *c, int stream, const char *bytes, size_t len);
/* At the end of the output: a last line without newline counts. */
void shim_capture_finish(struct shim_capture *c);
