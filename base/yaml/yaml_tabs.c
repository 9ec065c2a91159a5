/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_tabs.h"

#include <string.h>

void yaml_tabs_add(struct arena *a, struct yaml_tabs *t, size_t start, size_t end)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        struct yaml_tabs_span *spans = arena_alloc(a, t->cap * sizeof *spans);
        if (t->n)
            memcpy(spans, t->spans, t->n * sizeof *spans);
        t->spans = spans;
    }
    t->spans[t->n++] = (struct yaml_tabs_span){start, end};
}

bool yaml_tabs_find(const struct yaml_tabs *t, const char *text, size_t len, size_t *ret_line,
                    size_t *ret_column)
{
    size_t line = 0, column = 0, index = 0, span = 0;
    bool comment = false, blank = true; /* blank: a '#' here would begin a comment */
    for (size_t i = 0; i < len; i++) {
        if (((unsigned char)text[i] & 0xC0) == 0x80)
            continue;
        while (span < t->n && t->spans[span].end <= index)
            span++;
        bool inside = span < t->n && t->spans[span].start <= index;
        if (text[i] == '\t' && !comment && !inside) {
            *ret_line = line;
            *ret_column = column;
            return true;
        }
        comment = !inside && (comment || (text[i] == '#' && blank));
        blank = text[i] == ' ' || text[i] == '\t';
        index++;
        column++;
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n'))) {
            comment = false;
            blank = true;
            line++;
            column = 0;
        }
    }
    return false;
}
