/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/display.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

struct range {
    uint32_t from, to;
};

/* Unicode's East Asian Width W and F, and what is drawn as an emoji, in blocks. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26aa, 0x26ab},
    {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x2753, 0x2755},   {0x2795, 0x2797},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};
static const struct range zero[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},   {0x064b, 0x065f},
    {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0x302a, 0x302d},   {0x3099, 0x309a},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
};
/* These reorder the text after them on the screen: a name could pose as another. */
static const struct range reordering[] = {
    {0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};

/* Unicode's Default_Ignorable_Code_Point, spaces other than ' ', ends of lines and paragraphs, and what
 * else is drawn as nothing. */
static const struct range unseen[] = {
    {0x00a0, 0x00a0},   {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},   {0x115f, 0x1160},
    {0x1680, 0x1680},   {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x2000, 0x200f},   {0x2028, 0x202f},
    {0x205f, 0x206f},   {0x2800, 0x2800}, {0x3000, 0x3000}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe0fff}, {0xfdd0, 0xfdef},
};

static int is_in_ranges(const struct range *ranges, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return 1;
    return 0;
}
#define IN(ranges, c) is_in_ranges(ranges, sizeof(ranges) / sizeof(ranges)[0], c)

static size_t columns_of(uint32_t c)
{
    bool ascii = c >= ' ' && c < 0x7f;
    return ascii ? 1 : IN(zero, c) ? 0 : IN(wide, c) ? 2 : 1;
}

size_t display_escape(const char *s, size_t len)
{
    if (len < 2 || s[0] != '\x1b')
        return 0;
    if (s[1] == '[') {
        for (size_t i = 2; i < len; i++)
            if (s[i] >= '@' && s[i] <= '~')
                return i + 1;
            else if (s[i] < ' ' || s[i] > '?')
                return 0;
    } else if (s[1] == ']') {
        for (size_t i = 2; i < len; i++)
            if (s[i] == '\a')
                return i + 1;
            else if (s[i] == '\x1b')
                return i + 1 < len && s[i + 1] == '\\' ? i + 2 : 0;
    }
    return 0;
}

static size_t plain_length(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && s[n] >= ' ' && s[n] < 0x7f)
        n++;
    return n;
}

void display_clean(struct buf *out, const char *s, size_t len)
{
    while (len > 0) {
        uint32_t c = 0;
        size_t n = plain_length(s, len);
        if (n > 0) {
            buf_add(out, s, n);
        } else if ((n = display_escape(s, len)) > 0) {
        } else if ((unsigned char)*s < ' ' || *s == 0x7f) {
            buf_addc(out, '^');
            buf_addc(out, (char)(*s ^ 0x40));
            n = 1;
        } else if ((n = utf8_decode(s, len, &c)) == 0) {
            buf_addc(out, '?');
            n = 1;
        } else if ((c >= 0x80 && c < 0xa0) || IN(reordering, c)) {
            buf_addc(out, '?');
        } else {
            buf_add(out, s, n);
        }
        s += n;
        len -= n;
    }
}

bool display_is_clean(const char *s, size_t len)
{
    struct buf cleaned;
    buf_init(&cleaned, SIZE_MAX);
    display_clean(&cleaned, s, len);
    bool same = cleaned.len == len && (len == 0 || memcmp(buf_str(&cleaned), s, len) == 0);
    buf_done(&cleaned);
    return same;
}

bool display_is_name(const char *s, size_t len)
{
    bool good = len > 0 && s[0] != ' ' && s[len - 1] != ' ' && display_is_clean(s, len);
    for (size_t at = 0, n; good && at < len; at += n) {
        uint32_t c = 0;
        n = utf8_decode(s + at, len - at, &c);
        bool noncharacter = (c & 0xfffe) == 0xfffe;
        good = n > 0 && !IN(unseen, c) && !noncharacter && (at > 0 || !IN(zero, c));
    }
    return good;
}

size_t display_width(const char *s, size_t len)
{
    size_t columns = 0;
    for (size_t n; len > 0; s += n, len -= n) {
        uint32_t c = 0;
        n = utf8_decode(s, len, &c);
        columns += n ? columns_of(c) : 1;
        n = n ? n : 1;
    }
    return columns;
}

size_t display_fit(const char *s, size_t len, size_t columns)
{
    size_t at = 0;
    while (at < len) {
        uint32_t c = 0;
        size_t n = utf8_decode(s + at, len - at, &c), width = n ? columns_of(c) : 1;
        if (width > columns)
            break;
        columns -= width;
        at += n ? n : 1;
    }
    return at;
}

const char *display_redrawn(const char *s, size_t *len)
{
    while (*len > 0 && s[*len - 1] == '\r')
        --*len;
    for (size_t i = *len; i > 0; i--)
        if (s[i - 1] == '\r') {
            *len -= i;
            return s + i;
        }
    return s;
}
