/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sweep/spec_node.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/python.h"
#include "base/yaml_scalar.h"

enum { SHOWN_BYTES = 60, MESSAGE_BYTES = 1024 };

struct spec_node spec_node_entry(const struct spec_node *dict, size_t i)
{
    const struct yaml_entry *e = &dict->yaml->entries[i];
    return (struct spec_node){dict, e->key, 0, e->line, e->column, e->node};
}

struct spec_node spec_node_item(const struct spec_node *list, size_t i)
{
    const struct yaml_node *item = list->yaml->items[i];
    return (struct spec_node){list, NULL, i, item->line, item->column, item};
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

const char *spec_node_path(struct spec_reader *r, const struct spec_node *n)
{
    struct buf path;
    buf_init(&path, 4096);
    print_path(&path, n);
    const char *text = arena_strndup(r->arena, path.data, path.len);
    buf_done(&path);
    return text;
}

const char *spec_node_shown(struct spec_reader *r, const struct spec_node *n)
{
    struct buf text;
    buf_init(&text, 64 << 10);
    python_repr(&text, n->yaml->value);
    size_t len = text.len;
    bool cut = text.overflow || len > SHOWN_BYTES;
    if (cut)
        for (len = SHOWN_BYTES; len > 0 && ((unsigned char)text.data[len] & 0xC0) == 0x80; len--)
            ;
    const char *shown = arena_printf(r->arena, "%.*s%s", (int)len, text.data, cut ? "…" : "");
    buf_done(&text);
    return shown;
}

const char *spec_node_kind_name(const struct spec_node *n)
{
    switch (spec_node_kind(n)) {
    case VALUE_NULL:
        return "empty";
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

static void say(struct spec_reader *r, enum diag_severity severity, const struct spec_node *n,
                bool at_key, const char *fix, const char *fmt, va_list ap)
{
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, fmt, ap);
    int line = at_key ? n->line : n->yaml->line, column = at_key ? n->column : n->yaml->column;
    diags_add(r->diags, severity, line, column, spec_node_path(r, n), fix, "%s", message);
}

#define SAY(severity, at_key)                      \
    do {                                           \
        va_list ap;                                \
        va_start(ap, fmt);                         \
        say(r, severity, n, at_key, fix, fmt, ap); \
        va_end(ap);                                \
    } while (0)

void spec_node_error(struct spec_reader *r, const struct spec_node *n, const char *fix,
                     const char *fmt, ...)
{
    SAY(DIAG_ERROR, false);
}

void spec_node_error_key(struct spec_reader *r, const struct spec_node *n, const char *fix,
                         const char *fmt, ...)
{
    SAY(DIAG_ERROR, true);
}

void spec_node_warn(struct spec_reader *r, const struct spec_node *n, const char *fix,
                    const char *fmt, ...)
{
    SAY(DIAG_WARNING, false);
}

void spec_node_warn_key(struct spec_reader *r, const struct spec_node *n, const char *fix,
                        const char *fmt, ...)
{
    SAY(DIAG_WARNING, true);
}

void spec_node_note(struct spec_reader *r, const struct spec_node *n, const char *fix,
                    const char *fmt, ...)
{
    SAY(DIAG_NOTE, false);
}

bool spec_node_dict(struct spec_reader *r, const struct spec_node *n, const char *fix)
{
    if (spec_node_kind(n) == VALUE_DICT)
        return true;
    spec_node_error(r, n, fix, "this must be a mapping, and it is %s", spec_node_kind_name(n));
    return false;
}

bool spec_node_bool(struct spec_reader *r, const struct spec_node *n, bool *ret)
{
    if (spec_node_kind(n) != VALUE_BOOL) {
        spec_node_error(r, n, arena_printf(r->arena, "%s: true", n->key),
                        "this must be true or false, and it is %s", spec_node_kind_name(n));
        return false;
    }
    *ret = n->yaml->value->b;
    return true;
}

bool spec_node_text(struct spec_reader *r, const struct spec_node *n, const char **ret)
{
    if (spec_node_kind(n) != VALUE_STR || n->yaml->value->s.len == 0) {
        bool empty = spec_node_kind(n) == VALUE_STR;
        bool scalar = !empty && spec_node_kind(n) < VALUE_STR && spec_node_kind(n) != VALUE_NULL;
        spec_node_error(r, n,
                        scalar ? arena_printf(r->arena, "%s: '%s'", n->key ? n->key : "-",
                                              spec_node_shown(r, n))
                               : NULL,
                        "this must be text, and it is %s",
                        empty ? "empty" : spec_node_kind_name(n));
        return false;
    }
    *ret = n->yaml->value->s.ptr;
    return true;
}

bool spec_node_int(struct spec_reader *r, const struct spec_node *n, int64_t least, int64_t *ret)
{
    const struct value *v = n->yaml->value;
    if (v->kind != VALUE_INT) {
        spec_node_error(r, n, NULL, "this must be an integer, and it is %s",
                        v->kind == VALUE_FLOAT || v->kind == VALUE_STR ? spec_node_shown(r, n)
                                                                       : spec_node_kind_name(n));
        return false;
    }
    if (v->i < least) {
        spec_node_error(r, n, arena_printf(r->arena, "%s: %lld", n->key, (long long)least),
                        "%lld is too small: at least %lld", (long long)v->i, (long long)least);
        return false;
    }
    *ret = v->i;
    return true;
}

static bool number_of_text(struct spec_reader *r, const struct spec_node *n,
                           struct spec_number *ret)
{
    const struct value *v = n->yaml->value;
    struct yaml_scalar s = yaml_scalar_number(v->s.ptr, v->s.len);
    if (s.kind != YAML_SCALAR_INT && s.kind != YAML_SCALAR_FLOAT)
        return false;
    *ret = (struct spec_number){.is_int = s.kind == YAML_SCALAR_INT, .i = s.i, .f = s.f};
    if (ret->is_int)
        ret->f = (double)ret->i;
    char text[PYTHON_FLOAT_BYTES];
    if (ret->is_int)
        snprintf(text, sizeof text, "%lld", (long long)ret->i);
    else
        python_float(text, ret->f);
    spec_node_warn(r, n, n->key ? arena_printf(r->arena, "%s: %s", n->key, text) : text,
                   "the text %s is taken for the number %s", spec_node_shown(r, n), text);
    return true;
}

bool spec_node_is_number(const struct spec_node *n)
{
    const struct value *v = n->yaml->value;
    if (v->kind != VALUE_STR)
        return value_is_number(v) && isfinite(value_number(v));
    struct yaml_scalar s = yaml_scalar_number(v->s.ptr, v->s.len);
    return s.kind == YAML_SCALAR_INT || (s.kind == YAML_SCALAR_FLOAT && isfinite(s.f));
}

bool spec_node_number(struct spec_reader *r, const struct spec_node *n, struct spec_number *ret)
{
    const struct value *v = n->yaml->value;
    bool ok = value_is_number(v);
    if (ok)
        *ret = (struct spec_number){.is_int = v->kind == VALUE_INT,
                                    .i = v->kind == VALUE_INT ? v->i : 0,
                                    .f = value_number(v)};
    else if (v->kind == VALUE_STR)
        ok = number_of_text(r, n, ret);
    if (!ok)
        spec_node_error(r, n, NULL, "this must be a number, and it is %s",
                        v->kind == VALUE_STR ? spec_node_shown(r, n) : spec_node_kind_name(n));
    else if (!isfinite(ret->f)) {
        spec_node_error(r, n, NULL, "this must be a finite number, and it is %s",
                        spec_node_shown(r, n));
        ok = false;
    }
    return ok;
}
