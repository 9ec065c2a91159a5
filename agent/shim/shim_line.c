/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_line.h"

#include <string.h>

/* ECMA-48: ESC [ … final byte; ESC ] … BEL or ESC \; ESC, bytes from 0x20 to 0x2f, final byte. */
enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CONTROL, ESCAPE_STRING, ESCAPE_STRING_END };

static void line_escape(struct shim_line *l, unsigned char b)
{
    switch (l->escape) {
    case ESCAPE_BEGUN:
        if (b == '[')
            l->escape = ESCAPE_CONTROL;
        else if (b == ']' || b == 'P' || b == '_' || b == '^' || b == 'X')
            l->escape = ESCAPE_STRING;
        else if (b < 0x20 || b > 0x2f)
            l->escape = ESCAPE_NONE;
        break;
    case ESCAPE_CONTROL:
        if (b >= 0x40 && b <= 0x7e)
            l->escape = ESCAPE_NONE;
        break;
    case ESCAPE_STRING:
        if (b == 0x07)
            l->escape = ESCAPE_NONE;
        else if (b == 0x1b)
            l->escape = ESCAPE_STRING_END;
        break;
    default:
        l->escape = ESCAPE_NONE;
        break;
    }
}

static size_t blanks_at(const char *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && (bytes[n] == ' ' || bytes[n] == '\t'))
        n++;
    return n;
}

static void line_begin(struct shim_line *l)
{
    l->ended = l->skipping = l->too_long = l->returned = false;
    l->len = 0;
}

/* Gathers a piece of a line that holds no control characters. */
static void line_gather(struct shim_line *l, const char *bytes, size_t len)
{
    bool first = l->returned || (l->mode == SHIM_LINE_JSON && l->len == 0);
    size_t blanks = first ? blanks_at(bytes, len) : 0;
    bytes += blanks;
    len -= blanks;
    if (len == 0)
        return;
    if (l->returned)
        line_begin(l);
    if (l->mode == SHIM_LINE_JSON && l->len == 0 && !l->too_long && *bytes != '{')
        l->skipping = true;
    if (l->skipping || l->too_long)
        return;
    if (len > l->max - l->len) {
        l->too_long = true;
        l->len = 0;
        return;
    }
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
}

/* A character of UTF-8 goes whole. */
static void line_rub_out(struct shim_line *l)
{
    while (l->len > 0 && ((unsigned char)l->text[l->len - 1] & 0xc0) == 0x80)
        l->len--;
    l->len -= l->len > 0;
}

static size_t plain_at(const char *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && ((unsigned char)bytes[n] >= 0x20 || bytes[n] == '\t'))
        n++;
    return n;
}

static enum shim_line_event line_end(struct shim_line *l)
{
    l->ended = true;
    l->escape = ESCAPE_NONE;
    l->number++;
    return l->too_long ? SHIM_LINE_LONG : SHIM_LINE_ENDED;
}

size_t shim_line_take(struct shim_line *l, const char *bytes, size_t len, enum shim_line_event *ret)
{
    size_t at = 0;
    *ret = SHIM_LINE_OPEN;
    if (l->ended && len > 0)
        line_begin(l);
    while (at < len && *ret == SHIM_LINE_OPEN) {
        char b = bytes[at];
        size_t n = b == '\n' || l->escape ? 0 : plain_at(bytes + at, len - at);
        if (n > 0)
            line_gather(l, bytes + at, n);
        else if (b == '\n')
            *ret = line_end(l);
        else if (l->escape)
            line_escape(l, (unsigned char)b);
        else if (b == '\x1b')
            l->escape = ESCAPE_BEGUN;
        else if (b == '\r')
            l->returned = true;
        else if (b == '\b' && !l->returned)
            line_rub_out(l);
        at += n > 0 ? n : 1;
    }
    return at;
}

enum shim_line_event shim_line_finish(struct shim_line *l)
{
    bool open = !l->ended && (l->len > 0 || l->too_long);
    return open ? line_end(l) : SHIM_LINE_OPEN;
}
