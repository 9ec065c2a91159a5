/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/diag/excerpt.h"

#include <stdint.h>
#include "base/diag/display.h"
#include "base/utf8.h"

enum { TAB_COLUMNS = 4, COLUMNS_MIN = 24 };
/* Limits a line with many marks that take no column of their own. */
enum { BYTES_A_COLUMN = 8 };

/* The part of the line to show: bytes [from, to), and whether text is cut on either side. */
struct window {
    size_t from, to;
    bool cut_before, cut_after;
};

static size_t next_char(const char *s, size_t len)
{
    uint32_t c;
    size_t n = utf8_decode(s, len, &c);
    return n ? n : 1;
}

static size_t width_of(const char *s, size_t n, size_t column)
{
    if (*s == '\t')
        return TAB_COLUMNS - column % TAB_COLUMNS;
    if ((unsigned char)*s < ' ' || *s == 0x7f)
        return 1;
    return display_width(s, n);
}

/* Where the bytes from `from` on stop fitting into columns, at most `end`. */
static size_t window_fit(const char *line, size_t from, size_t end, size_t columns)
{
    size_t at = from, column = 0;
    while (at < end) {
        size_t n = next_char(line + at, end - at), width = width_of(line + at, n, column);
        if (column + width > columns || at - from > BYTES_A_COLUMN * columns)
            break;
        column += width;
        at += n;
    }
    return at;
}

static size_t step_back(const char *line, size_t at, size_t characters)
{
    while (at > 0 && characters-- > 0) {
        at--;
        while (at > 0 && ((unsigned char)line[at] & 0xC0) == 0x80)
            at--;
    }
    return at;
}

/* The whole line if it fits, else its beginning if that holds the part, else the text around it. */
static struct window window_choose(const struct excerpt *e, size_t room)
{
    struct window w = {.from = 0};
    if (window_fit(e->line, 0, e->len, room) == e->len) {
        w.to = e->len;
        return w;
    }
    w.to = window_fit(e->line, 0, e->len, room - 1);
    if (e->to > w.to) {
        w.from = step_back(e->line, e->from, room / 3);
        w.to = window_fit(e->line, w.from, e->len, room - 2);
        for (size_t at = w.from; w.to == e->len && window_fit(e->line, at, w.to, room - 1) == w.to;
             at = step_back(e->line, at, 1))
            w.from = at;
    }
    w.cut_before = w.from > 0;
    w.cut_after = w.to < e->len;
    return w;
}

static void text_print(struct buf *out, const char *s, size_t n, size_t width)
{
    if (*s == '\t')
        buf_addf(out, "%*s", (int)width, "");
    else if ((unsigned char)*s < ' ' || *s == 0x7f)
        buf_addc(out, '?');
    else
        display_clean(out, s, n);
}

/* Prints the text, and returns the columns of the part. */
static void print_text(struct buf *out, const struct excerpt *e, const struct window *w,
                       size_t *ret_from, size_t *ret_to)
{
    size_t column = 0;
    *ret_from = *ret_to = SIZE_MAX;
    for (size_t at = w->from; at < w->to;) {
        size_t n = next_char(e->line + at, w->to - at), width = width_of(e->line + at, n, column);
        if (at >= e->from && *ret_from == SIZE_MAX)
            *ret_from = column;
        if (at >= e->to && *ret_to == SIZE_MAX)
            *ret_to = column;
        text_print(out, e->line + at, n, width);
        column += width;
        at += n;
    }
    *ret_from = *ret_from == SIZE_MAX ? column : *ret_from;
    *ret_to = *ret_to == SIZE_MAX ? column : *ret_to;
    *ret_to = *ret_to > *ret_from ? *ret_to : *ret_from + 1;
}

void excerpt_print(struct buf *out, const struct excerpt *e)
{
    size_t gutter = e->number_width + 4, from, to;
    size_t room = e->columns > gutter + COLUMNS_MIN ? e->columns - gutter : COLUMNS_MIN;
    struct window w = window_choose(e, room);
    bool added = e->mark == '+';
    buf_addf(out, " %*d %s%c%s ", (int)e->number_width, e->number, added ? e->tone : "", e->mark,
             added ? e->plain : "");
    buf_adds(out, w.cut_before ? "…" : "");
    print_text(out, e, &w, &from, &to);
    buf_adds(out, w.cut_after ? "…\n" : "\n");
    if (added)
        return;
    buf_addf(out, " %*s | %*s%s", (int)e->number_width, "", (int)(from + w.cut_before), "",
             e->tone);
    for (size_t i = from; i < to; i++)
        buf_addc(out, '^');
    buf_addf(out, "%s\n", e->plain);
}
