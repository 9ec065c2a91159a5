/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metrics/metric_lines.h"

#include <stdlib.h>
#include <string.h>

#include "agent/shim/shim_record.h"
#include "base/limits.h"
#include "base/utf8.h"

/* A control character takes six bytes as JSON: a batch of them would exceed a frame. */
static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)bytes[i];
        if (b < 0x20 && b != '\t' && b != '\r' && b != '\n')
            return false;
    }
    return utf8_valid_prefix(bytes, len) == len;
}

/* The shim's mark for output that it kept out of the file. */
static bool take_mark(const char *line, size_t len, struct metric_drops *drops)
{
    static const char too_long[] = SHIM_CAPTURE_LONG, full[] = SHIM_CAPTURE_FULL;
    if (len > sizeof too_long - 1 && memcmp(line, too_long, sizeof too_long - 1) == 0) {
        if (drops->long_lines++ == 0)
            drops->long_line = strtoull(line + sizeof too_long - 1, NULL, 10);
        return true;
    }
    bool is_full = len == sizeof full - 1 && memcmp(line, full, len) == 0;
    drops->full |= is_full;
    return is_full;
}

/* Appends the metrics of one line; false, with nothing appended, if they are not text. */
static bool take_line(const struct patterns *p, struct metric_ways *ways, const char *line,
                      size_t n, struct buf *out)
{
    size_t before = out->len;
    bool err = *line == SHIM_CAPTURE_STDERR[0];
    if (p)
        patterns_apply(p, err ? PATTERNS_STDERR : PATTERNS_STDOUT, line + err,
                       n - err - (n > 0 && line[n - 1] == '\n'), out);
    else
        buf_add(out, line, n);
    if (is_text(buf_peek(out) + before, out->len - before)) {
        if (ways)
            metric_ways_filter(ways, out, before);
        return true;
    }
    buf_truncate(out, before);
    return false;
}

size_t metric_lines_take(const struct patterns *p, struct metric_ways *ways, const char *text,
                         size_t len, struct buf *out, struct metric_drops *drops)
{
    uint64_t number = 0;
    for (size_t at = 0, n; at < len; at += n) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t before = out->len;
        n = newline ? (size_t)(newline - (text + at)) + 1 : len - at;
        number++;
        bool marked = text[at] == SHIM_CAPTURE_LONG[0] && take_mark(text + at, n, drops);
        bool good = !marked && take_line(p, ways, text + at, n, out);
        if (out->len > LIMIT_METRIC_BATCH_BYTES && before > 0) {
            buf_truncate(out, before);
            return at;
        }
        if (!good)
            buf_addc(out, '\n');
        if (!good && !marked && drops->bad_lines++ == 0)
            drops->bad_line = number;
    }
    return len;
}
