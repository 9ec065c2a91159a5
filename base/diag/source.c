/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/source.h"

#include <string.h>

static size_t skip_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Bytes of the line break at s: CR, LF, both, NEL, LS or PS; 0 if there is none. */
static size_t break_at(const char *s, size_t len)
{
    unsigned char c = (unsigned char)s[0];
    if (c == '\n' || c == '\r')
        return c == '\r' && len > 1 && s[1] == '\n' ? 2 : 1;
    if (c == 0xC2 && len > 1 && (unsigned char)s[1] == 0x85)
        return 2;
    bool separator = c == 0xE2 && len > 2 && (unsigned char)s[1] == 0x80 &&
                     ((unsigned char)s[2] == 0xA8 || (unsigned char)s[2] == 0xA9);
    return separator ? 3 : 0;
}

static size_t line_end(const struct source *s, size_t at)
{
    while (at < s->len && break_at(s->text + at, s->len - at) == 0)
        at++;
    return at;
}

static void go_to(struct source *s, int line, size_t at)
{
    s->line = line;
    s->at = at;
    s->end = line_end(s, at);
    s->column = 1;
    s->column_at = at;
}

struct source source_of(const char *text, size_t len)
{
    bool utf16 = len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    struct source s = {.text = text, .len = utf16 ? 0 : len};
    go_to(&s, 1, skip_mark(s.text, s.len));
    return s;
}

bool source_line(struct source *s, int line, size_t *ret_start, size_t *ret_end)
{
    if (line < 1 || s->len == 0)
        return false;
    if (line < s->line)
        go_to(s, 1, skip_mark(s->text, s->len));
    while (s->line < line) {
        if (s->end == s->len)
            return false;
        go_to(s, s->line + 1, s->end + break_at(s->text + s->end, s->len - s->end));
    }
    *ret_start = s->at;
    *ret_end = s->end;
    return true;
}

bool source_offset(struct source *s, int line, int column, size_t *ret)
{
    size_t start, end;
    if (column < 1 || !source_line(s, line, &start, &end))
        return false;
    if (column < s->column) {
        s->column = 1;
        s->column_at = start;
    }
    for (; s->column < column; s->column++) {
        if (s->column_at == end)
            return false;
        s->column_at++;
        while (s->column_at < end && ((unsigned char)s->text[s->column_at] & 0xC0) == 0x80)
            s->column_at++;
    }
    *ret = s->column_at;
    return true;
}
