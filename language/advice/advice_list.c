/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_list.h"

#include <string.h>
#include "base/yaml/yaml_scalar.h"
#include "language/reader/spec_flow.h"

enum { LINE_BYTES = 90, ITEMS_MAX = 20 };

static bool is_bare(const char *s, size_t len)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
    for (size_t i = 0; i < len; i++)
        if (!strchr(safe, s[i]))
            return false;
    return len > 0;
}

/* Splits words or numbers at any character of `between`; blanks around items are dropped, quotes
 * are kept. */
static const char *split_items(struct arena *a, const char *s, size_t len, const char *between,
                               bool numbers)
{
    struct buf out;
    size_t items = 0;
    bool ok = len <= LINE_BYTES;
    buf_init(&out, LINE_BYTES);
    buf_addc(&out, '[');
    for (size_t at = 0, end; at < len && ok; at = end + 1) {
        for (end = at; end < len && !strchr(between, s[end]);)
            end++;
        size_t from = at, to = end;
        while (from < to && s[from] == ' ')
            from++;
        while (to > from && s[to - 1] == ' ')
            to--;
        if (from == to && *between == ' ')
            continue;
        bool quoted = to - from > 2 && strchr("'\"", s[from]) && s[to - 1] == s[from];
        ok = is_bare(s + from + quoted, to - from - 2 * (size_t)quoted) && items < ITEMS_MAX &&
             (!numbers || yaml_scalar_number(s + from, to - from).kind != YAML_SCALAR_TEXT);
        buf_addf(&out, "%s%.*s", items++ ? ", " : "", (int)(to - from), s + from);
    }
    buf_addc(&out, ']');
    const char *text =
        ok && items > 1 && !out.overflow ? arena_strndup(a, buf_peek(&out), out.len) : NULL;
    buf_done(&out);
    return text;
}

const char *advice_list_meant(struct spec_reader *r, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (v->kind != VALUE_STR || v->s.len < 3)
        return NULL;
    const char *s = v->s.ptr;
    size_t len = v->s.len;
    bool lines = n->yaml->line != n->yaml->end_line;
    if (strchr(s, ','))
        return split_items(r->arena, s, len, ",", false);
    return split_items(r->arena, s, len, " ", !lines);
}
