/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/look/log_lines.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/diag/display.h"

void log_lines_init(struct log_lines *l, enum log_lines_form form, uint32_t attempt)
{
    *l = (struct log_lines){.form = form, .attempt = attempt};
    buf_init(&l->partial, LOG_LINES_MAX);
}

void log_lines_done(struct log_lines *l)
{
    buf_done(&l->partial);
}

static void clean_line(struct buf *out, const char *s, size_t len)
{
    s = display_redrawn(s, &len);
    /* Tabs stay: they only move the text after them. */
    for (;;) {
        const char *tab = memchr(s, '\t', len);
        size_t n = tab ? (size_t)(tab - s) : len;
        display_clean(out, s, n);
        if (!tab)
            break;
        buf_addc(out, '\t');
        s += n + 1;
        len -= n + 1;
    }
    buf_addc(out, '\n');
}

static void put_line(const struct log_lines *l, struct buf *out, const char *s, size_t len)
{
    if (l->form == LOG_LINES_CLEAN) {
        clean_line(out, s, len);
        return;
    }
    buf_addf(out, "{\"attempt\":%" PRIu32 ",\"line\":", l->attempt);
    json_print_str(out, s, len);
    buf_adds(out, "}\n");
}

void log_lines_add(struct log_lines *l, struct buf *out, const char *bytes, size_t len)
{
    if (l->form == LOG_LINES_RAW) {
        buf_add(out, bytes, len);
        return;
    }
    while (len > 0) {
        const char *newline = memchr(bytes, '\n', len);
        size_t n = newline ? (size_t)(newline - bytes) : len;
        size_t room = LOG_LINES_MAX - l->partial.len;
        if (n > room) {
            buf_add(&l->partial, bytes, room);
            put_line(l, out, buf_peek(&l->partial), l->partial.len);
            buf_clear(&l->partial);
            bytes += room;
            len -= room;
            continue;
        }
        buf_add(&l->partial, bytes, n);
        if (newline) {
            put_line(l, out, buf_peek(&l->partial), l->partial.len);
            buf_clear(&l->partial);
            n++;
        }
        bytes += n;
        len -= n;
    }
}

void log_lines_end(struct log_lines *l, struct buf *out)
{
    if (l->partial.len > 0)
        put_line(l, out, buf_peek(&l->partial), l->partial.len);
    buf_clear(&l->partial);
}
