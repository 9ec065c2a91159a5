/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print/label_line.h"

#include <string.h>

#include "base/diag/display.h"

enum { LABEL = 10 };

void label_line_print(struct buf *out, const char *label, const char *text)
{
    if (!text || !*text)
        return;
    buf_addf(out, "%-*s", LABEL, label);
    display_clean(out, text, strlen(text));
    buf_addc(out, '\n');
}
