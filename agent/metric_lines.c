/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/metric_lines.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

/* Printed as JSON, a control character would take six bytes, and a batch of them more than a frame.
 */
static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)bytes[i];
        if (b < 0x20 && b != '\t' && b != '\r' && b != '\n')
            return false;
    }
    return utf8_valid_prefix(bytes, len) == len;
}

static void cut(struct buf *out, size_t len)
{
    out->len = len;
    out->data[len] = '\0';
}

size_t metric_lines_take(const struct patterns *p, const char *text, size_t len, struct buf *out)
{
    size_t at = 0;
    while (at < len) {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t n = newline ? (size_t)(newline - (text + at)) + 1 : len - at, before = out->len;
        if (p)
            patterns_apply(p, text + at, n, out);
        else
            buf_add(out, text + at, n);
        if (out->len > LIMIT_METRIC_BATCH_BYTES && before > 0) {
            cut(out, before);
            return at;
        }
        if (!is_text(out->data + before, out->len - before))
            cut(out, before);
        at += n;
    }
    return at;
}
