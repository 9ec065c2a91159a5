/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/yaml/yaml_scalar.h"
#include "language/advice/advice_part.h"
#include "language/reader/spec_flow.h"

static bool is_text(const struct spec_node *n, const char *text)
{
    return spec_node_kind(n) == VALUE_STR && strcmp(n->yaml->value->s.ptr, text) == 0;
}

/* None, True or False: Python's spelling of YAML's null, true and false. In quotes it is text on
 * purpose. */
static bool on_word(struct spec_reader *r, const struct spec_node *n)
{
    if (spec_node_quoted(n))
        return false;
    static const struct {
        const char *text, *yaml;
    } words[] = {{"None", "null"}, {"True", "true"}, {"False", "false"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!is_text(n, words[i].text))
            continue;
        diags_fix(r->diags,
                  spec_node_note(r, n, NULL,
                                 "YAML reads '%s' as text, not as %s: both look like %s on a "
                                 "command line, but they differ in the file of parameters",
                                 words[i].text, words[i].yaml, words[i].text),
                  words[i].yaml);
        return true;
    }
    return false;
}

/* A number in quotes; not 007 or 1.10, which are text on purpose. */
static bool is_quoted_number(const struct spec_node *n, struct spec_number *number)
{
    const char *text = n->yaml->value->kind == VALUE_STR ? n->yaml->value->s.ptr : "";
    const char *digits = text + strspn(text, "+-");
    size_t len = strlen(digits);
    bool padded = (digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') ||
                  (strchr(digits, '.') && len > 2 && digits[len - 1] == '0');
    return *text && !padded && spec_node_quoted(n) && spec_node_as_number(n, number);
}

/* "values: [16, 32]"; NULL if the line would be long. */
static const char *without_quotes(struct spec_reader *r, const struct spec_node *values)
{
    struct buf line;
    enum { LINE_BYTES = 100 };
    buf_init(&line, LINE_BYTES);
    for (size_t i = 0; i < values->yaml->n && !line.overflow; i++) {
        struct spec_node item = spec_node_item(values, i);
        struct spec_number number;
        bool whole = spec_node_as_number(&item, &number) && number.is_int;
        buf_addf(&line, "%s%s", i ? ", " : "values: [",
                 whole ? arena_printf(r->arena, "%lld", (long long)number.i)
                       : spec_flow_number(r->arena, number.f));
    }
    buf_addc(&line, ']');
    const char *text = line.overflow ? NULL : arena_strndup(r->arena, buf_peek(&line), line.len);
    buf_done(&line);
    return text;
}

/* If the list also has other text, as in ["16", bf16], all of it is text on purpose. */
static void on_quoted_numbers(struct spec_reader *r, const struct spec_node *values)
{
    size_t quoted = 0, n = values->yaml->n;
    for (size_t i = 0; i < n; i++) {
        struct spec_node item = spec_node_item(values, i);
        struct spec_number number;
        if (is_quoted_number(&item, &number))
            quoted++;
        else if (!value_is_number(item.yaml->value))
            return;
    }
    const char *these = quoted < n ? "some of these numbers are" : "these numbers are";
    if (quoted > 0)
        diags_fix(r->diags,
                  spec_node_note(r, values, NULL,
                                 "%s in quotes, which makes %s text: a command line shows no "
                                 "difference, but wandb.config and the file of parameters do",
                                 n > 1 ? these : "this number is", quoted > 1 ? "them" : "it"),
                  without_quotes(r, values));
}

/* value: 0.1, 0.2, 0.3 */
static void on_commas(struct spec_reader *r, const struct spec_node *value)
{
    enum { TEXT_BYTES = 90 };
    const char *text = spec_node_kind(value) == VALUE_STR ? value->yaml->value->s.ptr : "";
    bool numbers = true, blanks = true;
    if (!strchr(text, ',') || strlen(text) > TEXT_BYTES || spec_node_quoted(value) ||
        value->yaml->line != value->yaml->end_line)
        return;
    for (const char *p = text;; p++) {
        size_t len = strcspn(p, ",");
        size_t word = strcspn(p, ", ");
        if (word == 0 || word + strspn(p + word, " ") != len)
            return;
        enum yaml_scalar_kind kind = yaml_scalar_number(p, word).kind;
        numbers = numbers && (kind == YAML_SCALAR_INT || kind == YAML_SCALAR_FLOAT);
        p += len;
        if (!*p)
            break;
        blanks = blanks && p[1] == ' ';
        p += strspn(p + 1, " ");
    }
    if (!numbers && !blanks)
        return;
    const char *fix = arena_printf(r->arena, "values: [%s]", text);
    static const char said[] = "this is one text with commas in it, and every trial gets all of "
                               "it; write a choice as a list under `values`";
    diags_fix(r->diags,
              numbers && blanks ? spec_node_warn(r, value, NULL, said)
                                : spec_node_note(r, value, NULL, said),
              fix);
}

/* The length in bytes of a typographic quote at the start of s, or at its end. */
static size_t book_quote(const char *s, size_t len, bool at_end)
{
    static const char *const quotes[] = {"“", "”", "„", "‘", "’", "«", "»"};
    for (size_t i = 0; i < sizeof quotes / sizeof *quotes; i++) {
        size_t n = strlen(quotes[i]);
        if (n <= len && memcmp(at_end ? s + len - n : s, quotes[i], n) == 0)
            return n;
    }
    return 0;
}

/* "adam" in typographic quotes, which word processors insert. */
static bool on_quotes(struct spec_reader *r, const struct spec_node *n)
{
    enum { TEXT_BYTES = 60 };
    if (spec_node_kind(n) != VALUE_STR)
        return false;
    const char *s = n->yaml->value->s.ptr;
    size_t len = strlen(s), from = book_quote(s, len, false);
    if (from == 0)
        return false;
    len -= from;
    len -= book_quote(s + from, len, true);
    const char *fix = NULL;
    if (len < TEXT_BYTES && !memchr(s + from, '\'', len))
        fix = arena_printf(r->arena, "'%.*s'", (int)len, s + from);
    diags_fix(r->diags,
              spec_node_warn(r, n, NULL, "YAML reads typographic quotes as part of the text"), fix);
    return true;
}

static size_t count_words(const struct spec_node *n)
{
    const char *text = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    size_t words = 0;
    for (const char *p = text; *p; p += strspn(p, " ")) {
        p += strcspn(p, " ");
        words++;
    }
    return words;
}

/* [64 64, 128 128]: nested lists as shells and configuration files write them. */
static bool are_lists(const struct spec_node *values)
{
    struct spec_node first = spec_node_item(values, 0);
    size_t words = count_words(&first);
    bool all = words > 1 && values->yaml->n > 1;
    for (size_t i = 1; all && i < values->yaml->n; i++) {
        struct spec_node item = spec_node_item(values, i);
        all = count_words(&item) == words;
    }
    return all;
}

/* YAML reads [(3, 3), (3, 5)] as "(3", "3)", "(3" and "5)". */
static bool on_tuples(struct spec_reader *r, const struct spec_node *values)
{
    enum { LINE_BYTES = 120 };
    struct buf line;
    bool tuples = values->yaml->n > 1, open = false;
    buf_init(&line, LINE_BYTES);
    buf_adds(&line, "values: [");
    for (size_t i = 0; tuples && i < values->yaml->n; i++) {
        struct spec_node item = spec_node_item(values, i);
        const char *text = spec_node_printed(r, &item);
        size_t len = strlen(text);
        bool begins = *text == '(', ends = len > 0 && text[len - 1] == ')';
        tuples = !spec_node_quoted(&item) && begins != open && len > 1;
        open = !ends;
        buf_addf(&line, "%s%s%.*s%s", i ? ", " : "", begins ? "[" : "", (int)(len - begins - ends),
                 text + begins, ends ? "]" : "");
    }
    buf_addc(&line, ']');
    if (tuples && !open)
        diags_fix(r->diags,
                  spec_node_warn(
                      r, values, NULL,
                      "YAML has no tuples: each comma separates two values, and ( and ) are text"),
                  line.overflow ? NULL : arena_strndup(r->arena, buf_peek(&line), line.len));
    buf_done(&line);
    return tuples && !open;
}

/* [0.1, 0.2 0.3] */
static bool on_blanks(struct spec_reader *r, const struct spec_node *n, bool lists)
{
    enum { TEXT_BYTES = 60 };
    const char *text = spec_node_kind(n) == VALUE_STR ? n->yaml->value->s.ptr : "";
    if (spec_node_quoted(n) || !strchr(text, ' ') || strlen(text) > TEXT_BYTES)
        return false;
    const char *fix = "", *between = "";
    for (const char *p = text; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        enum yaml_scalar_kind kind = yaml_scalar_number(p, len).kind;
        if (kind != YAML_SCALAR_INT && kind != YAML_SCALAR_FLOAT)
            return false;
        fix = arena_printf(r->arena, "%s%s%.*s", fix, between, (int)len, p);
        between = ", ";
        p += len;
    }
    if (lists)
        diags_fix(r->diags,
                  spec_node_warn(r, n, NULL, "this is one text: put each list in brackets"),
                  arena_printf(r->arena, "[%s]", fix));
    else
        diags_fix(
            r->diags,
            spec_node_warn(r, n, NULL, "this is one text with a space in it; is a comma missing?"),
            fix);
    return true;
}

void advice_on_values(struct spec_reader *r, const struct spec_node *values)
{
    if (spec_node_kind(values) != VALUE_LIST)
        return;
    if (on_tuples(r, values))
        return;
    bool lists = values->yaml->n > 0 && are_lists(values);
    for (size_t i = 0; i < values->yaml->n; i++) {
        struct spec_node item = spec_node_item(values, i);
        if (on_quotes(r, &item) || on_blanks(r, &item, lists))
            break;
    }
    bool has_null = false;
    for (size_t i = 0; i < values->yaml->n; i++)
        has_null = has_null || values->yaml->items[i]->value->kind == VALUE_NULL;
    for (size_t i = 0; i < values->yaml->n && !has_null; i++) {
        struct spec_node item = spec_node_item(values, i);
        if (on_word(r, &item)) /* one note for a list is enough */
            break;
    }
    on_quoted_numbers(r, values);
    struct spec_node only = {0};
    if (values->yaml->n == 1)
        only = spec_node_item(values, 0);
    const char *text =
        only.yaml && spec_node_kind(&only) == VALUE_STR ? only.yaml->value->s.ptr : "";
    /* Scripts parse "[0, 1]" and "(0, 1)" themselves: each is one value on purpose. */
    if (strchr(text, ',') && !strchr("[{(", text[0]))
        spec_node_note(r, &only, NULL,
                       "the quotes make this one value, so there is nothing to choose from; "
                       "without quotes, each comma separates two values");
}

void advice_on_value(struct spec_reader *r, const struct spec_node *value)
{
    if (!on_quotes(r, value))
        on_word(r, value);
    on_commas(r, value);
}
