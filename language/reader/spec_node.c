/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_node.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/limits.h"
#include "base/diag/nearest.h"
#include "base/number/python.h"
#include "base/yaml/yaml_scalar.h"
#include "language/reader/spec_flow.h"

enum { MESSAGE_BYTES = 4096 };

struct spec_node spec_node_entry(const struct spec_node *dict, size_t i)
{
    const struct yaml_entry *e = &dict->yaml->entries[i];
    return (struct spec_node){dict, e->key, 0, e->line, e->column, e->end_column, e->node};
}

struct spec_node spec_node_item(const struct spec_node *list, size_t i)
{
    const struct yaml_node *item = list->yaml->items[i];
    return (struct spec_node){list, NULL, i, item->line, item->column, 0, item};
}

bool spec_node_get(const struct spec_node *dict, const char *key, struct spec_node *ret)
{
    const struct yaml_entry *e = yaml_tree_find(dict->yaml, key);
    if (e)
        *ret = spec_node_entry(dict, (size_t)(e - dict->yaml->entries));
    return e != NULL;
}

enum value_kind spec_node_kind(const struct spec_node *n)
{
    return n->yaml->value->kind;
}

static void print_path(struct buf *out, const struct spec_node *n)
{
    if (!n->up)
        return;
    print_path(out, n->up);
    if (!n->key) {
        buf_addf(out, "[%zu]", n->index);
        return;
    }
    if (out->len > 0)
        buf_addc(out, '.');
    buf_adds(out, n->key);
}

static const char *path_of(struct spec_reader *r, const struct spec_node *n)
{
    struct buf path;
    buf_init(&path, 4096);
    print_path(&path, n);
    const char *text = arena_strndup(r->arena, buf_peek(&path), path.len);
    buf_done(&path);
    return text;
}

const char *spec_node_shown(struct spec_reader *r, const struct spec_node *n)
{
    return spec_flow_shown(r->arena, n->yaml->value);
}

const char *spec_node_yaml(struct spec_reader *r, const struct spec_node *n)
{
    const char *text = spec_flow_text(r->arena, n->yaml);
    return text ? text : "…";
}

char *spec_node_printed(struct spec_reader *r, const struct spec_node *n)
{
    struct buf text;
    buf_init(&text, LIMIT_SPEC_BYTES);
    python_str(&text, n->yaml->value);
    if (text.overflow)
        spec_node_error(r, n, NULL, "with all aliases replaced, this takes more than %d bytes",
                        LIMIT_SPEC_BYTES);
    char *copy = arena_strndup(r->arena, buf_peek(&text), text.len);
    buf_done(&text);
    return copy;
}

const char *spec_node_kind_name(const struct spec_node *n)
{
    switch (spec_node_kind(n)) {
    case VALUE_NULL:
        return "an empty value";
    case VALUE_BOOL:
        return "true or false";
    case VALUE_INT:
        return "an integer";
    case VALUE_FLOAT:
        return "a float";
    case VALUE_STR:
        return "text";
    case VALUE_LIST:
        return "a list";
    case VALUE_DICT:
        return "a mapping";
    }
    return "";
}

static bool is_at_key(const struct spec_node *n)
{
    if (!n->key || !n->line)
        return false;
    const struct yaml_node *yaml = n->yaml;
    bool nothing = yaml->end_line == yaml->line && yaml->end_column == yaml->column;
    return yaml->line > n->line || nothing;
}

static bool is_before(int line, int column, int other_line, int other_column)
{
    return line < other_line || (line == other_line && column < other_column);
}

/* Whether an alias or a merge key repeats the node or one around it. Such a node has the place of
 * the original, which is before the key or before the parent. */
static bool is_elsewhere(const struct spec_node *n)
{
    for (const struct spec_node *at = n; at->up; at = at->up) {
        const struct yaml_node *yaml = at->yaml, *up = at->up->yaml;
        if (at->key && is_before(yaml->line, yaml->column, at->line, at->column))
            return true;
        if (is_before(at->line, at->column, up->line, up->column))
            return true;
    }
    return false;
}

static struct diag *node_say(struct spec_reader *r, enum diag_severity severity,
                             const struct spec_node *n, bool at_key, const struct spec_finding *f,
                             const char *fmt, va_list ap)
{
    if (diags_full(r->diags))
        return diags_add(r->diags, severity, 0, 0, "", NULL, "%s", "");
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, fmt, ap);
    const struct yaml_node *yaml = n->yaml;
    at_key = at_key || is_at_key(n);
    struct diag *said =
        diags_add(r->diags, severity, at_key ? n->line : yaml->line,
                  at_key ? n->column : yaml->column, path_of(r, n), NULL, "%s", message);
    if (!said)
        return NULL;
    said->elsewhere = is_elsewhere(n);
    if (!n->up && yaml->value->kind == VALUE_DICT)
        ; /* no single line is to blame for the whole file */
    else if (!at_key)
        diags_end_at(said, yaml->end_line, yaml->end_column);
    else if (n->end_column)
        diags_end_at(said, n->line, n->end_column);
    if (f && r->advise)
        r->advise(r, said, n, f);
    return said;
}

#define SAY(name, severity, at_key)                                       \
    struct diag *name(struct spec_reader *r, const struct spec_node *n,   \
                      const struct spec_finding *f, const char *fmt, ...) \
    {                                                                     \
        va_list ap;                                                       \
        va_start(ap, fmt);                                                \
        struct diag *said = node_say(r, severity, n, at_key, f, fmt, ap); \
        va_end(ap);                                                       \
        return said;                                                      \
    }
SAY(spec_node_error, DIAG_ERROR, false)
SAY(spec_node_error_key, DIAG_ERROR, true)
SAY(spec_node_warn, DIAG_WARNING, false)
SAY(spec_node_warn_key, DIAG_WARNING, true)
SAY(spec_node_note, DIAG_NOTE, false)
SAY(spec_node_note_key, DIAG_NOTE, true)
SAY(spec_node_judge_key, r->stored ? DIAG_WARNING : DIAG_ERROR, true)

bool spec_node_is_shared(const struct spec_node *n)
{
    for (const struct spec_node *at = n; at; at = at->up)
        if (at->yaml->shared)
            return true;
    return false;
}

/* An alias has the place of its anchor, which is before the key or the list. */
bool spec_node_stands_here(const struct spec_node *n)
{
    const struct yaml_node *yaml = n->yaml;
    int line = n->key ? n->line : n->up ? n->up->yaml->line : 0;
    int column = n->key ? n->column : n->up ? n->up->yaml->column : 0;
    return (yaml->line > line || (yaml->line == line && yaml->column > column)) &&
           !spec_node_is_shared(n);
}

bool spec_node_is_dashed(const struct spec_node *n)
{
    bool all = spec_node_kind(n) == VALUE_LIST && n->yaml->n > 0;
    for (size_t i = 0; all && i < n->yaml->n; i++)
        all = n->yaml->items[i]->value->kind == VALUE_DICT && n->yaml->items[i]->n > 0;
    return all;
}

bool spec_node_quoted(const struct spec_node *n)
{
    const struct yaml_node *yaml = n->yaml;
    int characters = 0;
    if (yaml->value->kind != VALUE_STR || yaml->line != yaml->end_line)
        return false;
    for (size_t i = 0; i < yaml->value->s.len; i++)
        characters += ((unsigned char)yaml->value->s.ptr[i] & 0xC0) != 0x80;
    return yaml->end_column - yaml->column != characters;
}

bool spec_node_is_simple(const struct spec_node *n)
{
    enum value_kind kind = spec_node_kind(n);
    if (kind == VALUE_STR)
        return spec_node_quoted(n) || !strpbrk(n->yaml->value->s.ptr, ",[]{}:#");
    return kind != VALUE_NULL && kind < VALUE_LIST;
}

bool spec_node_as_number(const struct spec_node *n, struct spec_number *ret)
{
    const struct value *v = n->yaml->value;
    if (value_is_number(v)) {
        *ret = (struct spec_number){.is_int = v->kind == VALUE_INT,
                                    .i = v->kind == VALUE_INT ? v->i : 0,
                                    .f = value_number(v)};
        return true;
    }
    if (v->kind != VALUE_STR)
        return false;
    struct yaml_scalar s = yaml_scalar_number(v->s.ptr, v->s.len);
    if (s.kind != YAML_SCALAR_INT && s.kind != YAML_SCALAR_FLOAT)
        return false;
    *ret = (struct spec_number){.is_int = s.kind == YAML_SCALAR_INT, .i = s.i, .f = s.f};
    if (ret->is_int)
        ret->f = (double)ret->i;
    return true;
}

bool spec_node_as_finite(const struct spec_node *n, struct spec_number *ret)
{
    return spec_node_as_number(n, ret) && isfinite(ret->f);
}

bool spec_node_has_diag(const struct spec_reader *r, const struct yaml_node *n,
                        enum diag_severity least)
{
    for (size_t i = 0; i < r->diags->n; i++) {
        const struct diag *d = &r->diags->items[i];
        if (d->severity >= least && d->line >= n->line && d->line <= n->end_line &&
            (d->line > n->line || d->column >= n->column) &&
            (d->line < n->end_line || d->column < n->end_column))
            return true;
    }
    return false;
}
