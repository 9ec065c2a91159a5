/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Copies lines of stdout and stderr to a file for metrics: all lines, or those that begin with
 * '{'. Writes only complete lines, each at most LIMIT_METRIC_LINE_BYTES long, at most
 * LIMIT_LOG_BYTES in total. A marker line replaces each line that is too long, and another one
 * replaces all lines after the limit (agent/shim/shim_record.h); the bytes that are left out are
 * counted. */
#include "agent/shim/shim_line.h"

enum { SHIM_CAPTURE_OUT, SHIM_CAPTURE_ERR, SHIM_CAPTURE_STREAMS };

struct shim_capture {
    struct shim_line lines[SHIM_CAPTURE_STREAMS];
    int fd; /* -1: nothing is captured */
    bool full;
    uint64_t dropped; /* bytes of lines past LIMIT_LOG_BYTES */
    uint64_t lost;    /* bytes of lines that could not be written to the disk */
    uint64_t written;
    size_t len; /* of text: complete lines */
    char text[2 * (LIMIT_METRIC_LINE_BYTES + 1)];
};

/* False if the file in dir cannot be created. */
bool shim_capture_init(struct shim_capture *c, const enum shim_line_mode modes[], const char *dir);
void shim_capture_take(struct shim_capture *c, int stream, const char *bytes, size_t len);
/* At the end of the output: a last line without newline counts. */
void shim_capture_finish(struct shim_capture *c);
