/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/screen/keys.h"

#include <string.h>

static const struct {
    const char *bytes;
    enum keys_key key;
} sequences[] = {{"[A", KEYS_UP},      {"OA", KEYS_UP},       {"[B", KEYS_DOWN},
                 {"OB", KEYS_DOWN},    {"[5~", KEYS_PAGE_UP}, {"[6~", KEYS_PAGE_DOWN},
                 {"[H", KEYS_HOME},    {"OH", KEYS_HOME},     {"[1~", KEYS_HOME},
                 {"[F", KEYS_END},     {"OF", KEYS_END},      {"[4~", KEYS_END},
                 {"[Z", KEYS_BACK_TAB}};

/* Bytes after the escape: "[ … letter", or "O letter". */
static size_t sequence_length(const char *s, size_t len)
{
    if (len < 2 || (s[0] != '[' && s[0] != 'O'))
        return 0;
    if (s[0] == 'O')
        return 2;
    for (size_t i = 1; i < len; i++)
        if (s[i] >= '@' && s[i] <= '~')
            return i + 1;
    return len;
}

int keys_read(const char *bytes, size_t len, size_t *ret_len)
{
    *ret_len = 1;
    if (*bytes != '\x1b')
        return (unsigned char)*bytes;
    size_t n = sequence_length(bytes + 1, len - 1);
    *ret_len = 1 + n;
    if (n == 0)
        return KEYS_ESCAPE;
    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
        if (strlen(sequences[i].bytes) == n && memcmp(sequences[i].bytes, bytes + 1, n) == 0)
            return sequences[i].key;
    return KEYS_NONE;
}
