/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/picture/importance_text.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/diag/display.h"
#include "cli/print/paragraph.h"

const char *importance_text_bar(struct arena *a, double share, size_t columns, bool utf8)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    share = share > 0 ? fmin(share, 1) : 0;
    size_t n = (size_t)lround(share * (double)columns * (utf8 ? 8 : 1));
    struct buf text;
    buf_init(&text, SIZE_MAX);
    for (size_t i = 0; i < (utf8 ? n / 8 : n); i++)
        buf_adds(&text, utf8 ? "█" : "#");
    if (utf8)
        buf_adds(&text, eighths[n % 8]);
    const char *copy = arena_strndup(a, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

void importance_text_note(struct buf *out, const char *note, size_t columns)
{
    struct buf clean;
    buf_init(&clean, SIZE_MAX);
    display_clean(&clean, note, strlen(note));
    paragraph_wrap(out, buf_str(&clean), 0, 2, columns);
    buf_done(&clean);
}
