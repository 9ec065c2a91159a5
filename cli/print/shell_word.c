/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/shell_word.h"

#include <ctype.h>
#include <string.h>

#include "base/diag/display.h"

/* As $'...', which bash, zsh and ksh read; control characters are written as escapes. */
static void print_escaped(struct buf *out, const char *s)
{
    static const char names[] = {
        ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['\\'] = '\\', ['\''] = '\''};
    buf_adds(out, "$'");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < sizeof names && names[c])
            buf_addf(out, "\\%c", names[c]);
        else if (c < ' ' || c >= 0x7f)
            buf_addf(out, "\\x%02x", c);
        else
            buf_addc(out, *s);
    }
    buf_addc(out, '\'');
}

void shell_word(struct buf *out, const char *s)
{
    const char *p = s;
    while (isalnum((unsigned char)*p) || (*p && strchr("_-./=:,+@%", *p)))
        p++;
    if (*s && !*p) {
        buf_adds(out, s);
        return;
    }
    if (!display_is_clean(s, strlen(s))) {
        print_escaped(out, s);
        return;
    }
    buf_addc(out, '\'');
    for (size_t n; *s; s += n) {
        n = strcspn(s, "'");
        buf_add(out, s, n);
        if (n == 0) {
            buf_adds(out, "'\\''");
            n = 1;
        }
    }
    buf_addc(out, '\'');
}
