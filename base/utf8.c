/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

#include "base/check.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    unsigned char first = (unsigned char)s[0];
    if (first < 0x80) {
        *ret = first;
        return 1;
    }
    size_t n = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || len < n)
        return 0;
    uint32_t c = first & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s[i];
        if ((next & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3F);
    }
    if (c < least[n] || (c >= 0xD800 && c < 0xE000) || c > 0x10FFFF)
        return 0;
    *ret = c;
    return n;
}

size_t utf8_encode(char out[UTF8_BYTES_MAX], uint32_t c)
{
    PRE(c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000));
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xF0) | c);
    return n;
}

size_t utf8_valid_prefix(const char *s, size_t len)
{
    size_t at = 0;
    uint32_t c;
    for (size_t n; at < len && (n = utf8_decode(s + at, len - at, &c)) > 0;)
        at += n;
    return at;
}

bool utf8_from_utf16(struct buf *out, const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    if (len < 2 || len % 2 || !((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF)))
        return false;
    const size_t high = s[0] == 0xFF, low = !high;
    for (size_t at = 2; at < len; at += 2) {
        char bytes[UTF8_BYTES_MAX];
        uint32_t c = (uint32_t)s[at + high] << 8 | s[at + low];
        if (c >= 0xD800 && c < 0xE000) {
            at += 2;
            uint32_t next = at < len ? (uint32_t)s[at + high] << 8 | s[at + low] : 0;
            if (c >= 0xDC00 || next < 0xDC00 || next >= 0xE000)
                return false;
            c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
        }
        buf_add(out, bytes, utf8_encode(bytes, c));
    }
    return true;
}
