/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes/base64.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_print(struct buf *out, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t word = (uint32_t)b[i] << 16;
        word |= n > 1 ? (uint32_t)b[i + 1] << 8 : 0;
        word |= n > 2 ? b[i + 2] : 0;
        char group[4];
        for (size_t j = 0; j < 4; j++)
            group[j] = j > n ? '=' : digits[word >> (18 - 6 * j) & 63];
        buf_add(out, group, sizeof group);
    }
}

static int digit_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

bool base64_parse(struct buf *out, const char *text, size_t len)
{
    if (len % 4 != 0)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        bool last = i + 4 == len;
        size_t n = last && text[i + 3] == '=' ? text[i + 2] == '=' ? 1 : 2 : 3;
        uint32_t word = 0;
        for (size_t j = 0; j <= n; j++) {
            int value = digit_value(text[i + j]);
            if (value < 0)
                return false;
            word |= (uint32_t)value << (18 - 6 * j);
        }
        const char bytes[] = {(char)(word >> 16), (char)(word >> 8), (char)word};
        if (n < 3 && (word & ((1u << (24 - 8 * n)) - 1)))
            return false;
        buf_add(out, bytes, n);
    }
    return true;
}
