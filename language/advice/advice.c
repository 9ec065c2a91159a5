/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "language/advice/advice.h"

#include <string.h>
#include "base/diag/source.h"
#include "language/advice/advice_part.h"

/* Further diagnostics are cut from the list anyway (base/diag/diag.c), and each takes memory to
 * word. */
enum { ENOUGH = 100 };

static void give_on_parameters(struct spec_reader *r, const struct spec *s,
                               const struct spec_node *parameters)
{
    if (spec_node_kind(parameters) != VALUE_DICT)
        return;
    for (size_t i = 0; i < parameters->yaml->n && r->diags->n < ENOUGH; i++) {
        struct spec_node one = spec_node_entry(parameters, i), inner;
        if (spec_node_get(&one, "parameters", &inner))
            give_on_parameters(r, s, &inner);
        else if (spec_node_kind(&one) == VALUE_DICT)
            advice_on_parameter(r, s, &one);
    }
}

void advice_give(struct spec_reader *r, const struct spec *s, const struct spec_node *root)
{
    struct spec_node parameters;
    if (spec_node_kind(root) != VALUE_DICT)
        return;
    advice_on_metric(r, s, root);
    advice_on_command(r, root);
    if (spec_node_get(root, "parameters", &parameters))
        give_on_parameters(r, s, &parameters);
    advice_on_numbers(r, root);
}

static bool begins_with(const char *s, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && memcmp(s, word, n) == 0;
}

static bool is_name(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* A statement at the start of a line: an import, a function, `name = {`. */
static bool is_statement(const char *s, size_t len)
{
    static const char *const words[] = {"import ", "from ", "def ", "class ", "print(", "wandb."};
    if (len == 0 || !is_name(s[0]))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins_with(s, len, words[i]))
            return true;
    size_t at = 0;
    while (at < len && is_name(s[at]))
        at++;
    while (at < len && s[at] == ' ')
        at++;
    if (at == len || s[at++] != '=')
        return false;
    while (at < len && s[at] == ' ')
        at++;
    return begins_with(s + at, len - at, "{") || begins_with(s + at, len - at, "[") ||
           begins_with(s + at, len - at, "dict(");
}

bool advice_is_program(struct spec_reader *r, const char *text, size_t len, size_t from,
                       size_t errors)
{
    struct source source = source_of(text, len);
    size_t start, end;
    for (int line = 1; source_line(&source, line, &start, &end); line++) {
        if (!is_statement(text + start, end - start))
            continue;
        r->diags->n = from;
        r->diags->errors = errors;
        struct diag *said =
            diags_add(r->diags, DIAG_ERROR, line, 1, "", "parameters: {lr: {min: 0.001, max: 0.1}}",
                      "this is Python, and a sweep is YAML: write what the dict holds as keys and "
                      "values, without `name =`");
        diags_end_at(said, line + 1, 1);
        return true;
    }
    return false;
}
