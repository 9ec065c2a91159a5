/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/reader/spec_flow.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include "base/json.h"
#include "base/number/python.h"
#include "base/yaml/yaml_scalar.h"

enum { TEXT_BYTES_MAX = 100, SHOWN_BYTES = 60 };

/* Text that never needs quotes, and that looks like nothing but text. */
static bool is_bare(const char *s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    size_t len = strlen(s);
    return ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z') && strspn(s, safe) == len &&
           yaml_scalar_plain(s, len).kind == YAML_SCALAR_TEXT;
}

static void print_text(struct buf *out, const char *s)
{
    if (is_bare(s))
        buf_adds(out, s);
    else
        json_print_str(out, s, strlen(s));
}

/* Python's form of a float, but with the point before the e that YAML 1.1 needs, and without
 * trailing zeros. */
static void print_number(struct buf *out, double f)
{
    char text[PYTHON_FLOAT_BYTES];
    if (!isfinite(f)) {
        buf_adds(out, isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf");
        return;
    }
    python_float(text, f);
    const char *e = strchr(text, 'e');
    if (!e) {
        buf_adds(out, text);
        return;
    }
    const char *digits = e + 2 + (e[2] == '0');
    buf_addf(out, "%.*s%s%.2s%s", (int)(e - text), text, strchr(text, '.') ? "" : ".0", e, digits);
}

static void print_node(struct arena *a, struct buf *out, const struct yaml_node *n)
{
    const struct value *v = n->value;
    if (v->kind == VALUE_STR) {
        print_text(out, v->s.ptr);
    } else if (v->kind == VALUE_LIST) {
        buf_addc(out, '[');
        for (size_t i = 0; i < n->n; i++) {
            buf_adds(out, i ? ", " : "");
            print_node(a, out, n->items[i]);
        }
        buf_addc(out, ']');
    } else if (v->kind == VALUE_DICT) {
        const struct yaml_entry **list = yaml_tree_by_place(a, n);
        buf_addc(out, '{');
        for (size_t i = 0; i < n->n; i++) {
            buf_adds(out, i ? ", " : "");
            print_text(out, list[i]->key);
            buf_adds(out, ": ");
            print_node(a, out, list[i]->node);
        }
        buf_addc(out, '}');
    } else if (v->kind == VALUE_FLOAT) {
        print_number(out, v->f);
    } else {
        json_print(out, v, JSON_COMPACT);
    }
}

const char *spec_flow_text(struct arena *a, const struct yaml_node *n)
{
    struct buf out;
    /* A number's value is short even if its text is a megabyte long. */
    if (n->value->kind >= VALUE_STR && (n->bytes > TEXT_BYTES_MAX || n->nodes > TEXT_BYTES_MAX))
        return NULL;
    buf_init(&out, TEXT_BYTES_MAX);
    print_node(a, &out, n);
    const char *text = out.overflow ? NULL : arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}

const char *spec_flow_number(struct arena *a, double f)
{
    struct buf out;
    buf_init(&out, TEXT_BYTES_MAX);
    print_number(&out, f);
    const char *text = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}

const char *spec_flow_line(struct arena *a, const char *text)
{
    struct buf out;
    char *line = arena_strdup(a, text);
    size_t n = 0;
    for (const char *p = text; *p; p++) {
        if (*p != '\n') {
            line[n++] = *p;
            continue;
        }
        while (n > 0 && line[n - 1] == ' ')
            n--;
        if (p[1] && n > 0)
            line[n++] = ' ';
        p += strspn(p + 1, " \n");
    }
    line[n] = '\0';
    bool plain = !strchr("`'\"[]{}!%@&*|>#", *line) && strncmp(line, "- ", 2) != 0 &&
                 !strstr(line, ": ") && !strstr(line, " #");
    if (plain || !strchr(line, '\''))
        return plain ? line : arena_printf(a, "'%s'", line);
    buf_init(&out, SIZE_MAX);
    json_print_str(&out, line, n);
    const char *quoted = arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return quoted;
}

const char *spec_flow_shown(struct arena *a, const struct value *v)
{
    struct buf text;
    buf_init(&text, 64 << 10);
    python_repr(&text, v);
    size_t len = text.len;
    bool cut = text.overflow || len > SHOWN_BYTES;
    if (cut)
        for (len = SHOWN_BYTES; len > 0 && ((unsigned char)buf_peek(&text)[len] & 0xC0) == 0x80;
             len--)
            ;
    const char *shown = arena_printf(a, "%.*s%s", (int)len, buf_peek(&text), cut ? "…" : "");
    buf_done(&text);
    return shown;
}
