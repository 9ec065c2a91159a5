/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/spec_list.h"

#include <stdlib.h>
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

/* Words or numbers between signs of `between`, blanks around them not counted; quotes stay. */
static const char *split(struct arena *a, const char *s, size_t len, const char *between,
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
        ok && items > 1 && !out.overflow ? arena_strndup(a, out.data, out.len) : NULL;
    buf_done(&out);
    return text;
}

static bool is_small(long n)
{
    return n > -10000 && n < 10000;
}

/* range(1, 5): Python leaves the last out. */
static const char *range(struct arena *a, const char *s)
{
    char *end;
    struct buf out;
    long from = 0, to = strtol(s + strlen("range("), &end, 10);
    if (*end == ',') {
        from = to;
        to = strtol(end + 1, &end, 10);
    }
    if (strcmp(end, ")") != 0 || !is_small(from) || !is_small(to) || to - from < 2 ||
        to - from > ITEMS_MAX)
        return NULL;
    buf_init(&out, LINE_BYTES);
    for (long i = from; i < to; i++)
        buf_addf(&out, "%s%ld", i == from ? "[" : ", ", i);
    buf_addc(&out, ']');
    const char *text = out.overflow ? NULL : arena_strndup(a, out.data, out.len);
    buf_done(&out);
    return text;
}

/* {cosine, linear}, or a: cosine, b: linear. */
static const char *of_mapping(struct arena *a, const struct yaml_node *n)
{
    if (n->n < 2 || n->n > ITEMS_MAX)
        return NULL;
    const struct yaml_entry **order = yaml_tree_by_place(a, n);
    struct buf out;
    bool set = true, ok = true;
    for (size_t i = 0; i < n->n; i++)
        set = set && n->entries[i].node->value->kind == VALUE_NULL;
    buf_init(&out, LINE_BYTES);
    for (size_t i = 0; i < n->n && ok; i++) {
        const struct yaml_node *item = order[i]->node;
        const char *text = set ? order[i]->key : spec_flow_text(a, item);
        ok = text && item->value->kind < VALUE_LIST && (!set || is_bare(text, strlen(text)));
        buf_addf(&out, "%s%s", i ? ", " : "[", ok ? text : "");
    }
    buf_addc(&out, ']');
    const char *text = ok && !out.overflow ? arena_strndup(a, out.data, out.len) : NULL;
    buf_done(&out);
    return text;
}

const char *spec_list_meant(struct spec_reader *r, const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (v->kind == VALUE_DICT)
        return of_mapping(r->arena, n->yaml);
    if (v->kind != VALUE_STR || v->s.len < 3)
        return NULL;
    const char *s = v->s.ptr;
    size_t len = v->s.len;
    if (strncmp(s, "range(", 6) == 0)
        return range(r->arena, s);
    if (*s == '(' && s[len - 1] == ')')
        return split(r->arena, s + 1, len - 2, ",", false);
    bool lines = n->yaml->line != n->yaml->end_line;
    if (strchr(s, ','))
        return split(r->arena, s, len, ",", false);
    return split(r->arena, s, len, " ", !lines);
}
