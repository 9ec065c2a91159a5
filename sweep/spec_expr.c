/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_expr.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBERS_SHOWN = 3, FIX_BYTES = 100 };

struct reading {
    struct spec_expr *x;
    const char *group;
    const struct spec_node *node;
};

static int characters(const char *text, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

/* Narrows what was said to a part of the text. Where the text takes as many characters in the file
 * as it has, or two quotes more, no escape and no line's end is in it. */
static void narrow(struct diag *said, const struct spec_node *n, size_t offset, size_t len)
{
    const struct yaml_node *yaml = n->yaml;
    const struct value *text = yaml->value;
    if (!said || text->kind != VALUE_STR || yaml->line == 0 || yaml->end_line != yaml->line ||
        said->line != yaml->line || said->column != yaml->column)
        return;
    int quotes = yaml->end_column - yaml->column - characters(text->s.ptr, text->s.len);
    if ((quotes != 0 && quotes != 2) || offset + len > text->s.len)
        return;
    int before = characters(text->s.ptr, offset);
    said->column += quotes / 2 + before;
    diags_end_at(said, said->line, said->column + characters(text->s.ptr + offset, len));
}

/* The text as it would be with fix in place of a part of it. */
static const char *mended(struct spec_reader *r, const struct spec_node *n, size_t offset,
                          size_t len, const char *fix)
{
    const struct value *text = n->yaml->value;
    if (!fix || text->kind != VALUE_STR || text->s.len > FIX_BYTES)
        return fix;
    return arena_printf(r->arena, "%.*s%s%s", (int)offset, text->s.ptr, fix,
                        text->s.ptr + offset + len);
}

void spec_expr_error(struct spec_reader *r, const struct spec_node *n, size_t offset, size_t len,
                     const char *fix, const char *message)
{
    narrow(spec_node_error(r, n, mended(r, n, offset, len, fix), "%s", message), n, offset, len);
}

void spec_expr_warn(struct spec_reader *r, const struct spec_node *n, size_t offset, size_t len,
                    const char *fix, const char *message)
{
    narrow(spec_node_warn(r, n, mended(r, n, offset, len, fix), "%s", message), n, offset, len);
}

const char *spec_expr_members(const struct spec_expr *x, const char *group)
{
    const char *text = NULL;
    size_t len = strlen(group), n = 0;
    for (size_t i = 0; i < x->names->n && n < MEMBERS_SHOWN; i++) {
        const struct spec_name *item = &x->names->items[i];
        if (item->kind != SPEC_NAME_PARAMETER || strncmp(item->name, group, len) != 0 ||
            item->name[len] != '.')
            continue;
        text = text ? arena_printf(x->r->arena, "%s, %s", text, item->name) : item->name;
        n++;
    }
    return text;
}

static bool in_name(char c)
{
    return c == '_' || c == '.' || c == '-' || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The name with hyphens around a part of it, such as `num-layers` around num: it needs backquotes.
 * NULL where no parameter has it. */
static const struct spec_name *hyphenated(const struct reading *g, const char *text, size_t *offset,
                                          size_t *len)
{
    size_t from = *offset, to = *offset + *len;
    while (from > 0 && in_name(text[from - 1]))
        from--;
    while (in_name(text[to]))
        to++;
    if (!memchr(text + from, '-', to - from))
        return NULL;
    const struct spec_name *found = spec_names_find(g->x->names, g->group, text + from, to - from);
    *offset = from;
    *len = to - from;
    return found;
}

static void say_unknown(const struct reading *g, const char *text, size_t offset, size_t len)
{
    struct spec_reader *r = g->x->r;
    size_t from = offset, whole = len;
    const char *name = arena_strndup(r->arena, text + offset, len);
    if (hyphenated(g, text, &from, &whole)) {
        /* Its second part is said with the first. */
        if (from == offset)
            spec_expr_error(r, g->node, from, whole,
                            arena_printf(r->arena, "`%.*s`", (int)whole, text + from),
                            "a name with `-` in it stands in backquotes");
        return;
    }
    const char *near = spec_names_near(g->x->names, r, g->group, name, len);
    spec_expr_error(r, g->node, offset, len, near,
                    arena_printf(r->arena, "there is no parameter `%s`%s", name,
                                 near ? "" : "; a text stands in quotes"));
}

static bool find(void *arg, const char *text, size_t offset, size_t len, size_t *ret_index)
{
    const struct reading *g = arg;
    struct spec_reader *r = g->x->r;
    bool quoted = text[offset] == '`';
    size_t from = offset + quoted, n = len - 2 * (size_t)quoted;
    const struct spec_name *found = spec_names_find(g->x->names, g->group, text + from, n);
    if (!found)
        say_unknown(g, text, from, n);
    else if (found->kind == SPEC_NAME_GROUP)
        spec_expr_error(r, g->node, offset, len, NULL,
                        arena_printf(r->arena,
                                     "`%s` is a group: name one of its parameters, such as %s",
                                     found->name, spec_expr_members(g->x, found->name)));
    else
        *ret_index = found->index;
    return found && found->kind == SPEC_NAME_PARAMETER;
}

static void say(void *arg, size_t offset, size_t len, const char *fix, const char *message)
{
    const struct reading *g = arg;
    spec_expr_error(g->x->r, g->node, offset, len, fix, message);
}

static size_t count_names(const struct expr *e, size_t *names)
{
    size_t n = 0;
    if (e->op == EXPR_NAME) {
        if (names)
            names[0] = e->name;
        return 1;
    }
    for (uint32_t i = 0; i < e->n; i++)
        n += count_names(e->args[i], names ? names + n : NULL);
    return n;
}

static int by_index(const void *pa, const void *pb)
{
    const size_t *a = pa, *b = pb;
    return (*a > *b) - (*a < *b);
}

struct condition spec_expr_condition(struct arena *a, const struct expr *e, const char *text)
{
    size_t n = count_names(e, NULL), kept = 0;
    size_t *names = arena_alloc(a, (n + 1) * sizeof *names);
    count_names(e, names);
    qsort(names, n, sizeof *names, by_index);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || names[kept - 1] != names[i])
            names[kept++] = names[i];
    return (struct condition){e, text, names, kept};
}

bool spec_expr_read(struct spec_expr *x, const char *group, const struct spec_node *n,
                    struct condition *ret)
{
    struct reading reading = {x, group, n};
    struct expr_reader r = {
        .arena = x->r->arena,
        .find = find,
        .say = say,
        .arg = &reading,
        .nodes_left = x->nodes_left,
    };
    const struct value *text = n->yaml->value;
    const struct expr *e = expr_parse(&r, text->s.ptr, text->s.len);
    x->nodes_left = r.nodes_left;
    if (e)
        *ret = spec_expr_condition(x->r->arena, e, text->s.ptr);
    return e != NULL;
}
