/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/paragraph.h"

#include <string.h>

#include "base/diag/display.h"

static void line_end(struct buf *out, size_t indent)
{
    buf_addf(out, "\n%*s", (int)indent, "");
}

void paragraph_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t columns)
{
    size_t column = at;
    bool fresh = true;
    while (*text) {
        if (*text == '\n' || *text == ' ') {
            if (*text++ == '\n') {
                line_end(out, indent);
                column = indent;
                fresh = true;
            }
            continue;
        }
        size_t len = strcspn(text, " \n"), width = display_width(text, len);
        if (!fresh && column + 1 + width > columns) {
            line_end(out, indent);
            column = indent;
        } else if (!fresh) {
            buf_addc(out, ' ');
            column++;
        }
        buf_add(out, text, len);
        column += width;
        text += len;
        fresh = false;
    }
    buf_addc(out, '\n');
}
