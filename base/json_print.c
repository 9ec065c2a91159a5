/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number/number.h"
#include "base/utf8.h"

static void print_escape(struct buf *out, uint32_t c)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    if (c < sizeof letters && letters[c])
        buf_addf(out, "\\%c", letters[c]);
    else if (c < 0x10000)
        buf_addf(out, "\\u%04" PRIx32, c);
    else
        buf_addf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xD800 + ((c - 0x10000) >> 10),
                 0xDC00 + (c & 0x3FF));
}

/* NUL and bytes that are not UTF-8 become U+FFFD: the output can be read again, here and
 * elsewhere. */
static void print_str(struct buf *out, const char *s, size_t len, bool ascii)
{
    size_t plain = 0; /* begin of the run of bytes to be copied as they are */
    buf_addc(out, '"');
    for (size_t at = 0; at < len;) {
        unsigned char b = (unsigned char)s[at];
        if (b >= 0x20 && b < 0x7F && b != '"' && b != '\\') {
            at++;
            continue;
        }
        uint32_t c = 0xFFFD;
        size_t n = utf8_decode(s + at, len - at, &c);
        bool bad = n == 0 || c == 0;
        if (!bad && !ascii && c >= 0x7F) {
            at += n;
            continue;
        }
        buf_add(out, s + plain, at - plain);
        if (!bad || ascii)
            print_escape(out, bad ? 0xFFFD : c);
        else
            buf_adds(out, "\xEF\xBF\xBD");
        at += n ? n : 1;
        plain = at;
    }
    buf_add(out, s + plain, len - plain);
    buf_addc(out, '"');
}

void json_print_str(struct buf *out, const char *s, size_t len)
{
    print_str(out, s, len, false);
}

void json_number(char out[JSON_NUMBER_BYTES], double f)
{
    if (isfinite(f))
        number_format(out, f);
    else
        snprintf(out, JSON_NUMBER_BYTES, "%s", isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity");
}

static void print_float(struct buf *out, double f, enum json_style style)
{
    char text[JSON_NUMBER_BYTES];
    json_number(text, f);
    const char *quote = isfinite(f) || style == JSON_PYTHON ? "" : "\"";
    buf_adds(out, quote);
    buf_adds(out, text);
    buf_adds(out, quote);
}

static void new_line(struct buf *out, int depth)
{
    buf_addf(out, "\n%*s", 2 * depth, "");
}

static void value_print(struct buf *out, const struct value *v, enum json_style style, int depth);

static void print_items(struct buf *out, const struct value *v, enum json_style style, int depth)
{
    bool dict = v->kind == VALUE_DICT;
    size_t n = dict ? v->dict.n : v->list.n;
    buf_addc(out, dict ? '{' : '[');
    for (size_t i = 0; i < n && !out->overflow; i++) {
        if (i > 0)
            buf_adds(out, style == JSON_PYTHON ? ", " : ",");
        if (style == JSON_PRETTY)
            new_line(out, depth + 1);
        if (dict) {
            const char *key = v->dict.entries[i].key;
            print_str(out, key, strlen(key), style == JSON_PYTHON);
            buf_adds(out, style == JSON_COMPACT ? ":" : ": ");
        }
        value_print(out, dict ? v->dict.entries[i].value : v->list.items[i], style, depth + 1);
    }
    if (style == JSON_PRETTY && n > 0)
        new_line(out, depth);
    buf_addc(out, dict ? '}' : ']');
}

static void value_print(struct buf *out, const struct value *v, enum json_style style, int depth)
{
    char text[NUMBER_BYTES];
    switch (v->kind) {
    case VALUE_NULL:
        buf_adds(out, "null");
        break;
    case VALUE_BOOL:
        buf_adds(out, v->b ? "true" : "false");
        break;
    case VALUE_INT:
        number_format_int(text, v->i);
        buf_adds(out, text);
        break;
    case VALUE_FLOAT:
        print_float(out, v->f, style);
        break;
    case VALUE_STR:
        print_str(out, v->s.ptr, v->s.len, style == JSON_PYTHON);
        break;
    case VALUE_LIST:
    case VALUE_DICT:
        print_items(out, v, style, depth);
        break;
    }
}

void json_print(struct buf *out, const struct value *v, enum json_style style)
{
    value_print(out, v, style, 0);
}

char *json_text(struct arena *a, const struct value *v, enum json_style style)
{
    struct buf b;
    buf_init(&b, SIZE_MAX);
    json_print(&b, v, style);
    char *text = arena_strndup(a, buf_str(&b), b.len);
    buf_done(&b);
    return text;
}
