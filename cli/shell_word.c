/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/shell_word.h"

#include <ctype.h>
#include <string.h>

void shell_word(struct buf *out, const char *s)
{
    const char *p = s;
    while (isalnum((unsigned char)*p) || (*p && strchr("_-./=:,+@%", *p)))
        p++;
    if (*s && !*p) {
        buf_adds(out, s);
        return;
    }
    buf_addc(out, '\'');
    for (; *s; s++)
        if (*s == '\'')
            buf_adds(out, "'\\''");
        else
            buf_addc(out, *s);
    buf_addc(out, '\'');
}
