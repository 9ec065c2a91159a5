/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice_words.h"

#include <string.h>
#include "base/buf.h"
#include "base/json.h"
#include "base/yaml/yaml_scalar.h"

enum { LINE_BYTES_MAX = 400 };

/* The length of a macro at the start of s, 0 if s does not begin with one. Upper case is an
 * environment variable, not a macro. */
static size_t macro_length(const char *s)
{
    if (s[0] != '$' || s[1] != '{' || s[2] < 'a' || s[2] > 'z')
        return 0;
    size_t end = strcspn(s, "}\"' \t\n");
    return s[end] == '}' ? end + 1 : 0;
}

/* An integer that is printed as it is written. */
static bool is_integer(const char *s)
{
    enum { DIGITS_MAX = 15 };
    size_t len = strlen(s);
    return strspn(s, "0123456789") == len && len > 0 && len <= DIGITS_MAX &&
           (*s != '0' || len == 1);
}

/* Text that YAML reads as text in every position, and that people cannot misread either. */
static bool is_bare(const char *s)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=@%";
    size_t len = strlen(s), dashes = strspn(s, "-");
    char first = s[dashes];
    return len > 0 && strspn(s, safe) == len && dashes <= 2 &&
           (((first | 0x20) >= 'a' && (first | 0x20) <= 'z') || first == '/' || first == '_' ||
            (first == '.' && s[1] == '/')) &&
           yaml_scalar_plain(s, len).kind == YAML_SCALAR_TEXT;
}

static void print_item(struct buf *out, const char *s, bool in_brackets)
{
    for (const char *p = s; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            json_print_str(out, s, strlen(s));
            return;
        }
    }
    if (is_bare(s) || is_integer(s) || (!in_brackets && macro_length(s) == strlen(s) && *s)) {
        buf_adds(out, s);
        return;
    }
    buf_addc(out, '\'');
    for (const char *p = s; *p; p++) {
        buf_addc(out, *p);
        if (*p == '\'')
            buf_addc(out, *p);
    }
    buf_addc(out, '\'');
}

const char *advice_words_item(struct arena *a, const char *word, bool in_brackets)
{
    struct buf out;
    buf_init(&out, LINE_BYTES_MAX * 4);
    print_item(&out, word, in_brackets);
    const char *text = out.overflow ? "…" : arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return text;
}

const char *advice_words_line(struct arena *a, const struct value *words)
{
    struct buf out;
    buf_init(&out, LINE_BYTES_MAX * 2);
    for (size_t i = 0; i < words->list.n && !out.overflow; i++) {
        buf_adds(&out, i ? ", " : "command: [");
        print_item(&out, words->list.items[i]->s.ptr, true);
    }
    buf_addc(&out, ']');
    const char *line = out.overflow ? NULL : arena_strndup(a, buf_peek(&out), out.len);
    buf_done(&out);
    return line;
}

/* A list in brackets begins on the line of its key; one with dashes never does. */
bool advice_words_in_brackets(const struct spec_node *list)
{
    const struct yaml_node *yaml = list->yaml;
    return (list->key && list->line == yaml->line) ||
           (yaml->n > 0 && yaml->items[0]->line == yaml->line &&
            yaml->items[0]->column == yaml->column + 1);
}

const char *advice_words_argument(struct spec_reader *r, const struct spec_node *item,
                                  const char *word)
{
    bool in_brackets = item->up && advice_words_in_brackets(item->up);
    return arena_printf(r->arena, "%s%s", in_brackets ? "" : "- ",
                        advice_words_item(r->arena, word, in_brackets));
}

struct value *advice_words_split(struct arena *a, const char *text)
{
    struct value *words = value_list(a);
    bool several = strstr(text, " -") != NULL;
    for (const char *p = text; *p; p += strspn(p, " ")) {
        size_t len = several || words->list.n == 0 ? strcspn(p, " ") : strlen(p);
        value_push(a, words, value_strn(a, p, len));
        p += len;
    }
    return words;
}
