/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/diag/source.h"
#include "language/advice/advice.h"
#include "language/advice/advice_part.h"
#include "language/reader/parameter/spec_draft.h"

/* The length of `"a", "b"` at s, quoted texts separated by commas up to the end of the line; 0 for
 * anything else. */
static size_t quoted_list(const char *s, size_t len)
{
    size_t at = 0, n = 0;
    while (at < len && (s[at] == '"' || s[at] == '\'')) {
        const char *end = memchr(s + at + 1, s[at], len - at - 1);
        if (!end)
            return 0;
        at = (size_t)(end - s) + 1;
        n++;
        size_t next = at;
        while (next < len && s[next] == ' ')
            next++;
        if (next == len)
            return n > 1 ? at : 0;
        if (s[next++] != ',')
            return 0;
        while (next < len && s[next] == ' ')
            next++;
        at = next;
    }
    return 0;
}

/* key: "a", "b" */
static bool say_comma(struct spec_reader *r, struct diag *d, const char *line, size_t len)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    size_t key = strspn(line, " "), end = key + strspn(line + key, name), list = end;
    if (end == key || end >= len || line[list++] != ':')
        return false;
    while (list < len && line[list] == ' ')
        list++;
    size_t list_len = quoted_list(line + list, len - list);
    if (list_len == 0)
        return false;
    const char *word = arena_strndup(r->arena, line + key, end - key);
    bool parameter = key > 0 && spec_draft_field(word) < 0;
    d->message = "without brackets a comma ends the value";
    diags_fix(r->diags, d,
              arena_printf(r->arena, parameter ? "%s: {values: [%.*s]}" : "%s: [%.*s]", word,
                           (int)list_len, line + list));
    return true;
}

void advice_on_syntax(struct spec_reader *r, size_t from)
{
    struct source source = source_of(r->text, r->len);
    size_t start, end, at;
    for (size_t i = from; i < r->diags->n; i++) {
        struct diag *d = &r->diags->items[i];
        if (d->severity == DIAG_ERROR && source_line(&source, d->line, &start, &end) &&
            source_offset(&source, d->line, d->column, &at) && at < end && r->text[at] == ',')
            say_comma(r, d, arena_strndup(r->arena, r->text + start, end - start), end - start);
    }
}
