/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/command/hydra_text.h"

#include <string.h>
#include <strings.h>

#include "base/number/python.h"

static bool is_letter(char c)
{
    return c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Bare text that Hydra reads as text. */
static bool is_plain(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "nan", "inf"};
    if (!is_letter(text[0]) && text[0] != '/')
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return false;
    for (const char *p = text; *p; p++)
        if (!is_letter(*p) && !(*p >= '0' && *p <= '9') && !strchr("./-", *p))
            return false;
    return true;
}

/* A backslash is special only before a quote, and is doubled there. A backslash before ${ keeps
 * OmegaConf from looking for a variable. */
static void hydra_quote(struct buf *out, const char *text)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
    size_t slashes = 0;
    buf_addc(out, quote);
    for (const char *p = text;; p++) {
        if (*p == '\\') {
            slashes++;
            buf_addc(out, *p);
            continue;
        }
        for (bool doubled = *p == quote || *p == '\0'; doubled && slashes > 0; slashes--)
            buf_addc(out, '\\');
        slashes = 0;
        if (*p == '\0')
            break;
        if (*p == quote || (p[0] == '$' && p[1] == '{'))
            buf_addc(out, '\\');
        buf_addc(out, *p);
    }
    buf_addc(out, quote);
}

void hydra_text(struct buf *out, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        buf_adds(out, "null");
        return;
    case VALUE_BOOL:
        buf_adds(out, v->b ? "true" : "false");
        return;
    case VALUE_INT:
    case VALUE_FLOAT:
        python_str(out, v);
        return;
    case VALUE_STR:
        if (is_plain(v->s.ptr))
            buf_adds(out, v->s.ptr);
        else
            hydra_quote(out, v->s.ptr);
        return;
    case VALUE_LIST:
        for (size_t i = 0; i < v->list.n; i++) {
            buf_addc(out, i ? ',' : '[');
            hydra_text(out, v->list.items[i]);
        }
        buf_adds(out, v->list.n ? "]" : "[]");
        return;
    case VALUE_DICT:
        for (size_t i = 0; i < v->dict.n; i++) {
            buf_addc(out, i ? ',' : '{');
            buf_addf(out, "%s:", v->dict.entries[i].key);
            hydra_text(out, v->dict.entries[i].value);
        }
        buf_adds(out, v->dict.n ? "}" : "{}");
        return;
    }
}
