/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log_kind.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"

enum { IDENTIFIER_MIN = 8 }; /* characters */

static bool is_word(char c)
{
    return (c && strchr(DIGITS, c)) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* Bytes of the address or identifier (a UUID, a hash) at text, where a word begins; 0: none. */
static size_t kind_hexadecimal(const char *text)
{
    size_t n = 0;
    if (text[0] == '0' && (text[1] | 0x20) == 'x')
        n = strspn(text + 2, HEX);
    if (n > 0)
        return n + 2;
    n = strspn(text, HEX "-");
    bool identifier = n >= IDENTIFIER_MIN && strcspn(text, DIGITS) < n && !is_word(text[n]);
    return identifier ? n : 0;
}

void log_kind(char *kind, size_t max, const char *text)
{
    size_t n = 0;
    for (char before = ' '; *text && n + 1 < max;) {
        size_t number = is_word(before) ? 0 : kind_hexadecimal(text);
        if (number == 0 && *text >= '0' && *text <= '9')
            number = strspn(text, DIGITS ".e+-");
        kind[n++] = number > 0 ? '#' : *text;
        text += number > 0 ? number : 1;
        before = text[-1];
    }
    kind[n] = '\0';
}
