/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/shim/shim_line.h"

#include <string.h>

enum { ROWS_MAX = 1000 }; /* rows that the cursor can go up */

/* ECMA-48: ESC [ … final byte; ESC ] … BEL or ESC \; ESC, bytes from 0x20 to 0x2f, final byte. */
enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CONTROL, ESCAPE_STRING, ESCAPE_STRING_END };

/* tqdm draws an inner bar below the outer one and moves up again; Rich moves up and redraws all. */
static void line_move(struct shim_line *l, unsigned char final)
{
    unsigned n = l->number_read ? l->number_read : 1;
    bool up = final == 'A' || final == 'F';
    if (!up && final != 'B' && final != 'E')
        return;
    l->left |= up && l->wiped;
    if (up)
        l->below = n < ROWS_MAX - l->below ? l->below + n : ROWS_MAX;
    else
        l->below = n < l->below ? l->below - n : 0;
    l->returned = true;
}

static void line_escape(struct shim_line *l, unsigned char b)
{
    switch (l->escape) {
    case ESCAPE_BEGUN:
        l->number_read = 0;
        if (b == '[')
            l->escape = ESCAPE_CONTROL;
        else if (b == ']' || b == 'P' || b == '_' || b == '^' || b == 'X')
            l->escape = ESCAPE_STRING;
        else if (b < 0x20 || b > 0x2f)
            l->escape = ESCAPE_NONE;
        break;
    case ESCAPE_CONTROL:
        if (b >= '0' && b <= '9' && l->number_read < ROWS_MAX)
            l->number_read = 10 * l->number_read + b - '0';
        if (b >= 0x40 && b <= 0x7e) {
            l->escape = ESCAPE_NONE;
            line_move(l, b);
        }
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
    l->ended = l->skipping = l->too_long = l->returned = l->wiped = l->left = false;
    l->len = 0;
    l->text_below = l->below;
}

/* Gathers a piece of a line that holds no control characters. */
static void line_gather(struct shim_line *l, const char *bytes, size_t len)
{
    bool first = l->returned || (l->mode == SHIM_LINE_JSON && l->len == 0);
    size_t blanks = first ? blanks_at(bytes, len) : 0;
    bytes += blanks;
    len -= blanks;
    l->wiped |= l->returned && blanks > 0 && len == 0 && l->text_below == l->below;
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

/* Removes a whole UTF-8 character. */
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

/* Leaves the row; false if its line has not ended, because it is still drawn further down. */
static bool line_leave(struct shim_line *l)
{
    bool own = l->below == l->text_below;
    if (l->below == 0)
        return true;
    l->below--;
    if (!own || (l->len == 0 && !l->too_long)) {
        l->returned = true;
        l->escape = ESCAPE_NONE;
        return false;
    }
    return true;
}

/* True if the line is final as last drawn: its text was wiped out, the cursor has left its row, and
 * something else is about to be written. */
static bool line_is_over(const struct shim_line *l, const char *bytes, size_t len)
{
    return l->returned && l->wiped && l->len > 0 && l->left && blanks_at(bytes, len) < len;
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
        if (n > 0 && line_is_over(l, bytes + at, n)) {
            *ret = line_end(l);
            break;
        }
        if (n > 0)
            line_gather(l, bytes + at, n);
        else if (b == '\n')
            *ret = line_leave(l) ? line_end(l) : SHIM_LINE_OPEN;
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
