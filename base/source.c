/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/source.h"

#include <string.h>

static size_t skip_mark(const char *text, size_t len)
{
    return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

struct source source_of(const char *text, size_t len)
{
    bool utf16 = len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
    struct source s = {.text = text, .len = utf16 ? 0 : len, .line = 1};
    s.at = skip_mark(s.text, s.len);
    return s;
}

/* Bytes of the line's end at s: CR, LF, both, NEL, LS or PS; 0 where there is none. */
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

bool source_line(struct source *s, int line, size_t *ret_start, size_t *ret_end)
{
    if (line < 1 || s->len == 0)
        return false;
    if (line < s->line) {
        s->line = 1;
        s->at = skip_mark(s->text, s->len);
    }
    while (s->line < line) {
        size_t end = line_end(s, s->at);
        if (end == s->len)
            return false;
        s->at = end + break_at(s->text + end, s->len - end);
        s->line++;
    }
    *ret_start = s->at;
    *ret_end = line_end(s, s->at);
    return true;
}

bool source_offset(struct source *s, int line, int column, size_t *ret)
{
    size_t at, end;
    if (column < 1 || !source_line(s, line, &at, &end))
        return false;
    for (int i = 1; i < column; i++) {
        if (at == end)
            return false;
        at++;
        while (at < end && ((unsigned char)s->text[at] & 0xC0) == 0x80)
            at++;
    }
    *ret = at;
    return true;
}
