/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A line of a text with a part of it underlined, as a terminal of so many columns shows it: tabs
 * widened, control characters made harmless, a line too long cut to the part and what is around it.
 * Knows no file and no diagnostic. */
#include "base/buf.h"

/* "  7 |   goal: maximum\n    |         ^^^^^^^\n": bytes [from, to) of the line are underlined, by
 * one caret where there are none. number_width: the room for the number. mark: '|' or '+'; with '+'
 * nothing is underlined. tone and plain: what switches the colour on and off, or "". */
struct excerpt {
    const char *line;
    size_t len, from, to;
    int number;
    size_t number_width;
    size_t columns;
    char mark;
    const char *tone, *plain;
};
void excerpt_print(struct buf *out, const struct excerpt *e);
