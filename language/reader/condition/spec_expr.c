/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/condition/spec_expr.h"

#include <stdlib.h>
#include <string.h>

#include "language/reader/spec_finding.h"

enum { MEMBERS_SHOWN = 3, VALUES_SOUGHT = 200, SIGNS_MAX = 128 };

struct reading {
    struct spec_expr *x;
    const char *group;
    const struct spec_node *node;
    /* Operators of other languages: all of them in one text count as one mistake. */
    struct diag *said; /* valid as long as there are diags_n diagnostics */
    size_t diags_n;
    struct spec_part signs[SIGNS_MAX]; /* beyond SIGNS_MAX, overwrites the last */
    size_t signs_n;
};

static bool in_name(char c)
{
    return c == '_' || c == '.' || c == '-' || (c >= '0' && c <= '9') ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int count_characters(const char *text, size_t len)
{
    int n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xC0) != 0x80;
    return n;
}

bool spec_expr_span(const struct spec_node *n, size_t offset, size_t len, struct diag_span *ret)
{
    const struct yaml_node *yaml = n->yaml;
    const struct value *text = yaml->value;
    if (text->kind != VALUE_STR || yaml->line == 0 || yaml->end_line != yaml->line ||
        offset + len > text->s.len)
        return false;
    int quotes = yaml->end_column - yaml->column - count_characters(text->s.ptr, text->s.len);
    int from = yaml->column + quotes / 2 + count_characters(text->s.ptr, offset);
    *ret = (struct diag_span){yaml->line, from, yaml->line,
                              from + count_characters(text->s.ptr + offset, len)};
    return quotes == 0 || quotes == 2;
}

/* Narrows the diagnostic to a part of the text. */
static void narrow_span(struct diag *said, const struct spec_node *n, size_t offset, size_t len)
{
    struct diag_span at;
    if (!said || said->line != n->yaml->line || said->column != n->yaml->column ||
        !spec_expr_span(n, offset, len, &at))
        return;
    said->column = at.column;
    diags_end_at(said, at.end_line, at.end_column);
}

struct diag *spec_expr_error(struct spec_reader *r, const struct spec_node *n,
                             const struct spec_finding *f, const char *message)
{
    struct diag *said = spec_node_error(r, n, f, "%s", message);
    narrow_span(said, n, f->part.offset, f->part.len);
    return said;
}

void spec_expr_warn(struct spec_reader *r, const struct spec_node *n, const struct spec_finding *f,
                    const char *message)
{
    narrow_span(spec_node_warn(r, n, f, "%s", message), n, f->part.offset, f->part.len);
}

/* Reports an operator of another language, which --fix may replace. */
static void say_sign(struct reading *g, size_t offset, size_t len, const char *sign,
                     const char *message)
{
    struct spec_reader *r = g->x->r;
    if (g->signs_n < SIGNS_MAX)
        g->signs_n++;
    g->signs[g->signs_n - 1] = (struct spec_part){offset, len, sign};
    const struct spec_finding *found =
        SPEC_FOUND(SIGN, .part = {offset, len, sign}, .signs = g->signs, .n = g->signs_n);
    if (g->said && g->diags_n == r->diags->n)
        spec_finding_tell(r, g->said, g->node, found);
    else
        g->said = spec_expr_error(r, g->node, found, message);
    g->diags_n = r->diags->n;
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

/* The hyphenated name around a part of it, such as `num-layers` around num, as it must be written:
 * in backquotes. NULL if no parameter has that name. */
static const char *hyphenated_name(const struct reading *g, const char *text, size_t *offset,
                                   size_t *len)
{
    struct arena *a = g->x->r->arena;
    size_t from = *offset, to = *offset + *len;
    while (from > 0 && in_name(text[from - 1]))
        from--;
    while (in_name(text[to]))
        to++;
    if (!memchr(text + from, '-', to - from))
        return NULL;
    const char *name = arena_strndup(a, text + from, to - from), *only;
    *offset = from;
    *len = to - from;
    if (spec_names_find(g->x->names, g->group, name, to - from))
        return name;
    (void)spec_names_elsewhere(g->x->names, g->x->r, name, &only);
    return only;
}

/* Reports a group member's short name used outside of that group. */
static void say_elsewhere(const struct reading *g, size_t offset, size_t len, const char *elsewhere,
                          const char *only)
{
    struct spec_reader *r = g->x->r;
    const char *text = g->node->yaml->value->s.ptr;
    spec_expr_error(r, g->node, SPEC_FOUND(NAME_PART, .part = {offset, len, only}),
                    arena_printf(r->arena, "there is no parameter `%.*s` here, only %s", (int)len,
                                 text + offset, elsewhere));
}

/* Whether some parameter may have this text as its value. */
static bool is_value(struct spec_expr *x, const char *name)
{
    const struct value *text = value_str(x->r->arena, name);
    for (size_t i = 0; i < x->names->n && i < VALUES_SOUGHT; i++)
        if (x->names->items[i].kind == SPEC_NAME_PARAMETER &&
            spec_domains_lists(&x->domains, x->names->items[i].index, text))
            return true;
    return false;
}

static void say_unknown(const struct reading *g, const char *text, size_t offset, size_t len)
{
    struct spec_reader *r = g->x->r;
    size_t from = offset, whole = len;
    if (diags_full(r->diags)) { /* the diagnostic is counted, not shown */
        spec_expr_error(r, g->node, SPEC_FOUND(PART, .part = {offset, len}), "");
        return;
    }
    const char *name = arena_strndup(r->arena, text + offset, len), *only;
    bool quoted = offset > 0 && text[offset - 1] == '`';
    const char *dashed = quoted ? NULL : hyphenated_name(g, text, &from, &whole);
    if (dashed) {
        /* The first part of the name has reported the whole name. */
        if (from != offset)
            return;
        spec_expr_error(r, g->node, SPEC_FOUND(NAME_PART, .part = {from, whole, dashed}),
                        "put a name that contains `-` in backquotes");
        return;
    }
    const char *elsewhere = spec_names_elsewhere(g->x->names, r, name, &only);
    if (elsewhere) {
        say_elsewhere(g, offset, len, elsewhere, only);
        return;
    }
    /* The name may be written as a path in the file. */
    bool above = strncmp(name, "parameters.", strlen("parameters.")) == 0;
    const char *bare = name + (above ? strlen("parameters.") : 0);
    above = above && spec_names_find(g->x->names, g->group, bare, strlen(bare));
    bool value = is_value(g->x, name);
    const char *near = above   ? bare
                       : value ? NULL
                               : spec_names_near(g->x->names, r, g->group, name, len);
    const struct spec_finding *found = value && !above
                                           ? SPEC_FOUND(NO_QUOTES, .part = {offset, len, "'"})
                                           : SPEC_FOUND(PART, .part = {offset, len, near});
    spec_expr_error(r, g->node, found,
                    arena_printf(r->arena, "there is no parameter `%s`%s", name,
                                 near && !value ? "" : "; put text in quotes"));
}

static bool parameter_find(void *arg, const char *text, size_t offset, size_t len,
                           size_t *ret_index)
{
    const struct reading *g = arg;
    struct spec_reader *r = g->x->r;
    bool quoted = text[offset] == '`';
    size_t from = offset + quoted, n = len - 2 * (size_t)quoted;
    const struct spec_name *found = spec_names_find(g->x->names, g->group, text + from, n);
    if (!found)
        say_unknown(g, text, from, n);
    else if (found->kind == SPEC_NAME_GROUP)
        spec_expr_error(r, g->node, SPEC_FOUND(PART, .part = {offset, len}),
                        arena_printf(r->arena,
                                     "`%s` is a group: name one of its parameters, such as %s",
                                     found->name, spec_expr_members(g->x, found->name)));
    else
        *ret_index = found->index;
    return found && found->kind == SPEC_NAME_PARAMETER;
}

static bool is_operator(const char *text, size_t len)
{
    static const char *const words[] = {"and", "else", "if", "in", "is", "not", "or"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return true;
    return false;
}

/* A parameter may have the name of an operator. */
static void say_operator(const struct reading *g, size_t offset, size_t len)
{
    struct spec_reader *r = g->x->r;
    const char *text = g->node->yaml->value->s.ptr;
    spec_expr_error(r, g->node, SPEC_FOUND(NO_QUOTES, .part = {offset, len, "`"}),
                    arena_printf(r->arena,
                                 "`%.*s` is an operator here: put a parameter of that name "
                                 "in backquotes",
                                 (int)len, text + offset));
}

static void parser_say(void *arg, size_t offset, size_t len, const char *fix, const char *message)
{
    struct reading *g = arg;
    if (is_operator(g->node->yaml->value->s.ptr + offset, len) &&
        spec_names_find(g->x->names, g->group, g->node->yaml->value->s.ptr + offset, len)) {
        say_operator(g, offset, len);
        return;
    }
    /* A sign is unambiguous here; a word may be a name. */
    if (!fix || in_name(g->node->yaml->value->s.ptr[offset]))
        spec_expr_error(g->x->r, g->node, SPEC_FOUND(PART, .part = {offset, len, fix}), message);
    else
        say_sign(g, offset, len, fix, message);
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
    struct reading reading = {.x = x, .group = group, .node = n};
    struct expr_reader r = {
        .arena = x->r->arena,
        .find = parameter_find,
        .say = parser_say,
        .arg = &reading,
        .nodes_left = x->nodes_left,
    };
    const struct value *text = n->yaml->value;
    if (x->full)
        return false;
    const struct expr *e = expr_parse(&r, text->s.ptr, text->s.len);
    x->nodes_left = r.nodes_left;
    x->full = !e && r.nodes_left == 0;
    if (e)
        *ret = spec_expr_condition(x->r->arena, e, text->s.ptr);
    return e != NULL;
}
