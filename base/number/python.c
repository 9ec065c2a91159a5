/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number/python.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number/number.h"
#include "base/utf8.h"

void python_float(char out[PYTHON_FLOAT_BYTES], double f)
{
    if (isfinite(f))
        number_format(out, f);
    else
        snprintf(out, PYTHON_FLOAT_BYTES, "%s", isnan(f) ? "nan" : f > 0 ? "inf" : "-inf");
}

/* Characters that str.isprintable() refuses: controls, format characters, spaces other than ' ',
 * surrogates, private use, noncharacters and the planes without characters. The gaps inside
 * assigned blocks are left out: they change with every Unicode version, and so with every
 * Python. */
static const struct {
    uint32_t first, last;
} unprintable[] = {
    {0x0, 0x1F},         {0x7F, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},
    {0x61C, 0x61C},      {0x6DD, 0x6DD},     {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},      {0x1680, 0x1680},   {0x180E, 0x180E},   {0x2000, 0x200F},
    {0x2028, 0x202F},    {0x205F, 0x206F},   {0x3000, 0x3000},   {0xD800, 0xF8FF},
    {0xFDD0, 0xFDEF},    {0xFEFF, 0xFEFF},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
    {0x110BD, 0x110BD},  {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A},  {0x1FFFE, 0x1FFFF}, {0x2FFFE, 0x2FFFF}, {0x323B0, 0xE00FF},
    {0xE01F0, 0x10FFFF},
};

static bool is_printable(uint32_t c)
{
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++)
        if (c <= unprintable[i].last)
            return c < unprintable[i].first;
    return true;
}

static void print_escape(struct buf *out, uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        buf_adds(out, c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r");
    else if (c < 0x100)
        buf_addf(out, "\\x%02" PRIx32, c);
    else if (c < 0x10000)
        buf_addf(out, "\\u%04" PRIx32, c);
    else
        buf_addf(out, "\\U%08" PRIx32, c);
}

static void print_str(struct buf *out, const char *s, size_t len)
{
    char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'';
    buf_addc(out, quote);
    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c;
        n = utf8_decode(s + at, len - at, &c);
        if (n == 0) {
            /* A byte that is not UTF-8 is a lone surrogate to Python (PEP 383). */
            n = 1;
            print_escape(out, 0xDC00u + (unsigned char)s[at]);
        } else if (c == '\\' || c == (unsigned char)quote) {
            buf_addc(out, '\\');
            buf_addc(out, (char)c);
        } else if (is_printable(c)) {
            buf_add(out, s + at, n);
        } else {
            print_escape(out, c);
        }
    }
    buf_addc(out, quote);
}

static void print_dict(struct buf *out, const struct value *v)
{
    buf_addc(out, '{');
    for (size_t i = 0; i < v->dict.n && !out->overflow; i++) {
        const struct value_entry *e = &v->dict.entries[i];
        if (i > 0)
            buf_adds(out, ", ");
        print_str(out, e->key, strlen(e->key));
        buf_adds(out, ": ");
        python_repr(out, e->value);
    }
    buf_addc(out, '}');
}

void python_repr(struct buf *out, const struct value *v)
{
    char text[PYTHON_FLOAT_BYTES];
    switch (v->kind) {
    case VALUE_NULL:
        buf_adds(out, "None");
        break;
    case VALUE_BOOL:
        buf_adds(out, v->b ? "True" : "False");
        break;
    case VALUE_INT:
        number_format_int(text, v->i);
        buf_adds(out, text);
        break;
    case VALUE_FLOAT:
        python_float(text, v->f);
        buf_adds(out, text);
        break;
    case VALUE_STR:
        print_str(out, v->s.ptr, v->s.len);
        break;
    case VALUE_LIST:
        buf_addc(out, '[');
        for (size_t i = 0; i < v->list.n && !out->overflow; i++) {
            if (i > 0)
                buf_adds(out, ", ");
            python_repr(out, v->list.items[i]);
        }
        buf_addc(out, ']');
        break;
    case VALUE_DICT:
        print_dict(out, v);
        break;
    }
}

void python_str(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_STR)
        buf_add(out, v->s.ptr, v->s.len);
    else
        python_repr(out, v);
}
