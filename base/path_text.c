/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/path_text.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char mark[] = "bytes:";
enum { MARK_BYTES = sizeof mark - 1 };

void path_text_print(char out[PATH_TEXT_BYTES], const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strnlen(path, PATH_TEXT_PATH_BYTES - 1), at = MARK_BYTES;
    if (utf8_valid_prefix(path, len) == len && strncmp(path, mark, MARK_BYTES) != 0) {
        memcpy(out, path, len);
        out[len] = '\0';
        return;
    }
    memcpy(out, mark, MARK_BYTES);
    for (size_t i = 0; i < len; i++) {
        unsigned char b = (unsigned char)path[i];
        if (b >= 0x20 && b < 0x7F && b != '%') {
            out[at++] = path[i];
        } else {
            out[at++] = '%';
            out[at++] = digits[b >> 4];
            out[at++] = digits[b & 15];
        }
    }
    out[at] = '\0';
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool path_text_parse(char out[PATH_TEXT_PATH_BYTES], const char *text)
{
    bool escaped = strncmp(text, mark, MARK_BYTES) == 0;
    size_t n = 0;
    for (const char *p = text + (escaped ? MARK_BYTES : 0); *p; p++) {
        if (n + 1 >= PATH_TEXT_PATH_BYTES)
            return false;
        if (!escaped || *p != '%') {
            out[n++] = *p;
            continue;
        }
        int high = hex_digit(p[1]), low = high < 0 ? -1 : hex_digit(p[2]);
        if (low < 0 || high * 16 + low == 0)
            return false;
        out[n++] = (char)(high * 16 + low);
        p += 2;
    }
    out[n] = '\0';
    return true;
}
