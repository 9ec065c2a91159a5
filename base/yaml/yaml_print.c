/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/yaml/yaml_print.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"

enum { INDENT = 2 };

/* Texts of letters alone that YAML 1.1 reads as something else. */
static bool word_is_taken(const char *s)
{
    static const char *const words[] = {"y",   "n",    "yes",   "no",  "true", "on",
                                        "off", "null", "false", "nan", "inf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i], s) == 0)
            return true;
    return false;
}

static bool text_is_plain(const char *s, size_t len)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789./-";
    return len > 0 && strchr(first, s[0]) && strspn(s, all) == len && !word_is_taken(s);
}

static void text_print(struct buf *out, const char *s, size_t len)
{
    if (text_is_plain(s, len))
        buf_add(out, s, len);
    else
        json_print_str(out, s, len); /* double quotes mean the same in YAML */
}

/* 1e-05 would be a text: YAML 1.1 wants a point. */
static void float_print(struct buf *out, double f)
{
    char text[JSON_NUMBER_BYTES];
    if (!isfinite(f)) {
        buf_adds(out, isnan(f) ? ".nan" : f > 0 ? ".inf" : "-.inf");
        return;
    }
    json_number(text, f);
    size_t digits = strcspn(text, "eE");
    buf_add(out, text, digits);
    if (!memchr(text, '.', digits))
        buf_adds(out, ".0");
    if (text[digits]) {
        buf_addc(out, 'e');
        buf_adds(out, text[digits + 1] == '-' ? "" : "+");
        buf_adds(out, text + digits + 1 + (text[digits + 1] == '+'));
    }
}

static void scalar_print(struct buf *out, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        buf_adds(out, "null");
        return;
    case VALUE_BOOL:
        buf_adds(out, v->b ? "true" : "false");
        return;
    case VALUE_INT:
        buf_addf(out, "%" PRId64, v->i);
        return;
    case VALUE_FLOAT:
        float_print(out, v->f);
        return;
    case VALUE_STR:
        text_print(out, v->s.ptr, v->s.len);
        return;
    case VALUE_LIST:
    case VALUE_DICT:
        return;
    }
}

static bool is_empty_or_scalar(const struct value *v)
{
    return v->kind == VALUE_LIST ? v->list.n == 0 : v->kind == VALUE_DICT ? v->dict.n == 0 : true;
}

static bool list_is_flat(const struct value *v)
{
    for (size_t i = 0; i < v->list.n; i++)
        if (v->list.items[i]->kind == VALUE_LIST || v->list.items[i]->kind == VALUE_DICT)
            return false;
    return true;
}

static void flow_print(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_DICT) {
        buf_adds(out, "{}");
        return;
    }
    buf_addc(out, '[');
    for (size_t i = 0; i < v->list.n; i++) {
        buf_adds(out, i ? ", " : "");
        scalar_print(out, v->list.items[i]);
    }
    buf_addc(out, ']');
}

static void line_begin(struct buf *out, size_t depth)
{
    for (size_t i = 0; i < depth * INDENT; i++)
        buf_addc(out, ' ');
}

static void block_print(struct buf *out, const struct value *v, size_t depth);

/* After "KEY:" or "-". */
static void item_print(struct buf *out, const struct value *v, size_t depth)
{
    if (v->kind != VALUE_LIST && v->kind != VALUE_DICT) {
        buf_addc(out, ' ');
        scalar_print(out, v);
        buf_addc(out, '\n');
    } else if (is_empty_or_scalar(v) || (v->kind == VALUE_LIST && list_is_flat(v))) {
        buf_addc(out, ' ');
        flow_print(out, v);
        buf_addc(out, '\n');
    } else {
        buf_addc(out, '\n');
        block_print(out, v, depth);
    }
}

static void block_print(struct buf *out, const struct value *v, size_t depth)
{
    for (size_t i = 0; v->kind == VALUE_DICT && i < v->dict.n; i++) {
        line_begin(out, depth);
        text_print(out, v->dict.entries[i].key, strlen(v->dict.entries[i].key));
        buf_addc(out, ':');
        item_print(out, v->dict.entries[i].value, depth + 1);
    }
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.n; i++) {
        line_begin(out, depth);
        buf_addc(out, '-');
        item_print(out, v->list.items[i], depth + 1);
    }
}

void yaml_print(struct buf *out, const struct value *v)
{
    bool block = (v->kind == VALUE_DICT || v->kind == VALUE_LIST) && !is_empty_or_scalar(v);
    if (block) {
        block_print(out, v, 0);
        return;
    }
    if (v->kind == VALUE_DICT || v->kind == VALUE_LIST)
        flow_print(out, v);
    else
        scalar_print(out, v);
    buf_addc(out, '\n');
}
